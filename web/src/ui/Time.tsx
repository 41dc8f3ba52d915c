import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { absoluteTime, relativeTime } from '../i18n/format'

// One clock for all times on the page, so that they change together.
let now = Date.now()
let clock: ReturnType<typeof setInterval> | undefined
const watchers = new Set<() => void>()

function watch(watcher: () => void) {
  if (watchers.size === 0) now = Date.now()
  watchers.add(watcher)
  clock ??= setInterval(() => {
    now = Date.now()
    for (const w of watchers) w()
  }, 20_000)
  return () => {
    watchers.delete(watcher)
    if (watchers.size > 0) return
    clearInterval(clock)
    clock = undefined
  }
}

/** The present, as of the last tick of the page's clock. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(watch, () => now))
}

/** A point in time: relative to now, the exact instant on hover. */
export function Time({ at, none }: { at: string | null | undefined; none?: string }) {
  const { i18n } = useTranslation()
  const present = useNow()
  if (!at) return <>{none ?? '–'}</>
  const date = new Date(at)
  // A mail can arrive between two ticks; it is never "in 5 seconds".
  const justNow = date > present && date.getTime() - present.getTime() < 25_000
  return (
    <time dateTime={at} title={absoluteTime(date, i18n.language)}>
      {relativeTime(justNow ? present : date, present, i18n.language)}
    </time>
  )
}
