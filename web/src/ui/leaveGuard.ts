import { createContext, useContext, useEffect } from 'react'

/** Asked before the page is left; given how to go on, it answers whether it holds the way. */
export type Guard = (goOn: () => void) => boolean

/** Takes the guard of what is being written; the router that asks it provides this. */
export const GuardContext = createContext<(guard: Guard | undefined) => void>(() => undefined)

/** Has the guard asked before the page is left, also by the browser's own buttons, as long as there is one. */
export function useGuard(guard: Guard | undefined) {
  const set = useContext(GuardContext)
  useEffect(() => {
    if (!guard) return
    // The browser asks in its own words.
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault()
    set(guard)
    addEventListener('beforeunload', leaving)
    return () => {
      set(undefined)
      removeEventListener('beforeunload', leaving)
    }
  }, [set, guard])
}
