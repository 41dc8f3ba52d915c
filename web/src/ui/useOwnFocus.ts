import { useCallback, useEffect, useState } from 'react'

/** Where the focus is; for an entry of a menu, which goes as it is chosen, the button that opened the menu. */
function focusPlace(): Element | null {
  let place = document.activeElement
  for (let menu; (menu = place?.closest('[role=menu]'));) {
    place = document.getElementById(menu.getAttribute('aria-labelledby') ?? '')
  }
  return place
}

/**
 * For what has the focus as long as it is there, a dialog or a drawer; gives the ref of its surface. The surface has
 * the focus as soon as it can be seen: Fluent gives it a moment later, and Escape meanwhile would be lost. Who leaves
 * it is where they were: Fluent returns to the trigger of a dialog alone, and ours open by keys, menus and answers of
 * the server as well.
 */
export function useOwnFocus() {
  const [place] = useState(focusPlace)
  useEffect(
    () => () => {
      // Another place may have taken the focus on purpose.
      if (document.activeElement === document.body && place instanceof HTMLElement) place.focus()
    },
    [place],
  )
  return useCallback((surface: HTMLElement | null) => {
    if (surface && !surface.contains(document.activeElement)) surface.focus()
  }, [])
}
