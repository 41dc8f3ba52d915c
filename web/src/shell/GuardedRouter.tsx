import { startTransition, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { Router, UNSAFE_createBrowserHistory as createBrowserHistory, type Navigator, type To } from 'react-router'
import { GuardContext, type Guard } from '../ui/leaveGuard'

/**
 * react-router's BrowserRouter, except that a guard is asked before the page
 * changes, whether by a link, by navigate or by the browser's buttons.
 * useBlocker would do it too, but needs the data router, which is larger by
 * more than the first visit has left.
 */
export function GuardedRouter({ children }: { children: ReactNode }) {
  const guard = useRef<Guard>(undefined)
  const [history] = useState(() => createBrowserHistory({ v5Compat: true }))
  const [state, setState] = useState({ action: history.action, location: history.location })

  const context = useMemo(() => (next: Guard | undefined) => void (guard.current = next), [])

  const navigator = useMemo((): Navigator => {
    const leaveFor = (to: To, way: () => void) => {
      // A filter or a tab in the address is still the same page.
      const elsewhere = new URL(history.createHref(to), location.href).pathname !== history.location.pathname
      if (!elsewhere || !guard.current?.(way)) way()
    }
    return {
      createHref: history.createHref,
      encodeLocation: history.encodeLocation,
      go: history.go,
      push: (to, state) => leaveFor(to, () => history.push(to, state)),
      replace: (to, state) => leaveFor(to, () => history.replace(to, state)),
    }
  }, [history])

  useLayoutEffect(() => {
    let held = false // going back to where the guard holds
    let free = false // and on, as it was asked for
    let shown = history.location.pathname
    return history.listen(({ action, location, delta }) => {
      if (held) return void (held = false)
      const elsewhere = location.pathname !== shown
      const goOn = () => {
        free = true
        history.go(delta!)
      }
      // The browser has gone already: it is sent back while the guard asks.
      if (action === 'POP' && delta && elsewhere && !free && guard.current?.(goOn)) {
        held = true
        return history.go(-delta)
      }
      free = false
      shown = location.pathname
      startTransition(() => setState({ action, location }))
    })
  }, [history])

  return (
    <GuardContext value={context}>
      <Router location={state.location} navigationType={state.action} navigator={navigator}>
        {children}
      </Router>
    </GuardContext>
  )
}
