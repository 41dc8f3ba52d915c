import { lazy, Suspense, useCallback } from 'react'
import { useProblemWords } from './problems'

const Toasts = lazy(() => import('./Toasts').then((m) => ({ default: m.Toasts })))

/** A short message in the corner of the page. */
interface Notice {
  intent: 'success' | 'info' | 'error'
  sentence: string
  remedy?: string
  reference?: string
  undo?: () => void
}

// Notices wait here until what shows them is loaded, which is right after the first page.
let waiting: Notice[] = []
let show: ((notice: Notice) => void) | undefined

function post(notice: Notice) {
  if (show) show(notice)
  else waiting.push(notice)
}

/** Gives the notices that wait, and from now on each new one, to who shows them; returns how to stop that. */
export function takeNotices(taker: (notice: Notice) => void): () => void {
  show = taker
  for (const notice of waiting) taker(notice)
  waiting = []
  return () => {
    show = undefined
  }
}

/** Where short messages appear. */
export function Notices() {
  return (
    <Suspense>
      <Toasts />
    </Suspense>
  )
}

/** Says that something was done, with a way back when there is one; what else there is to know; or why it was not done. */
export function useNotify() {
  const words = useProblemWords()
  const done = useCallback((sentence: string, undo?: () => void) => post({ intent: 'success', sentence, undo }), [])
  const told = useCallback((sentence: string) => post({ intent: 'info', sentence }), [])
  const failed = (thrown: unknown) => {
    const { problem, message, remedy } = words(thrown)
    post({ intent: 'error', sentence: message, remedy, reference: problem.reference || undefined })
  }
  return { done, told, failed }
}
