import type { MailDetails, Station } from '../api/types'
import type { Passage } from '../ui/Stations'
import { mailTone } from './states'

export interface Stop {
  station: Station
  at: Date | null
  detail: string
  passage: Passage
  /** Milliseconds since the station before that was passed; null for the first. */
  since: number | null
}

/** The journey of a mail as a line of stops, with the times between them. */
export function stopsOf({ journey, state }: Pick<MailDetails, 'journey' | 'state'>): Stop[] {
  const last = journey.findLastIndex(({ at }) => at !== null)
  // What could not be judged stopped at the decision itself; all else before the first station not reached.
  const judged = journey.findIndex(({ station, at }) => station === 'decided' && at !== null)
  const halt =
    mailTone(state) !== 'error' && state !== 'gone'
      ? Infinity
      : state === 'quarantined' && judged >= 0
        ? judged
        : last + 1
  // What ended without a ticket (a duplicate, our own mail) will not reach one.
  const settled = mailTone(state) === 'neutral'
  let before: Date | null = null
  return journey.map(({ station, at, detail }, i) => {
    const instant = at === null ? null : new Date(at)
    const since = instant && before ? Math.max(instant.getTime() - before.getTime(), 0) : null
    before = instant ?? before
    return { station, at: instant, detail, since, passage: passage(i) }
  })

  function passage(i: number): Passage {
    if (i === halt) return 'stopped'
    if (journey[i]?.at !== null) return 'passed'
    if (i < last || i > halt || (settled && journey[i]?.station === 'ticket')) return 'skipped'
    return 'ahead'
  }
}

/** From the first station to the last that was passed. */
export function travelTime(stops: Stop[]): number | null {
  const passed = stops.filter((stop) => stop.at !== null)
  const [first, last] = [passed[0], passed.at(-1)]
  return first && last && first !== last ? last.at!.getTime() - first.at!.getTime() : null
}
