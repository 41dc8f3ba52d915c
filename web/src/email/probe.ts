import type { Probe } from '../api/types'
import type { Passage } from '../ui/Stations'

export type HopName = Probe['hops'][number]['name']

export interface HopStop {
  name: HopName
  at: Date | null
  passage: Passage
  since: number | null
}

/** The hops of a probe as stations: a failed one stopped at the first that it did not pass. */
export function hopsOf({ hops, state }: Pick<Probe, 'hops' | 'state'>): HopStop[] {
  const missing = hops.findIndex(({ at }) => at === null)
  let before: Date | null = null
  return hops.map(({ name, at }, i) => {
    const instant = at === null ? null : new Date(at)
    // Microsoft's clock and ours are two: what seems to go back took no time.
    const since = instant && before ? Math.max(instant.getTime() - before.getTime(), 0) : null
    before = instant ?? before
    return { name, at: instant, since, passage: passage(i, instant) }
  })

  function passage(i: number, at: Date | null): Passage {
    if (at) return 'passed'
    if (state !== 'failed') return 'ahead'
    return i === missing ? 'stopped' : 'skipped'
  }
}

/** How long a probe took, in milliseconds; null while it runs. */
export const totalOf = ({ started_at, finished_at }: Probe): number | null =>
  finished_at === null ? null : Date.parse(finished_at) - Date.parse(started_at)
