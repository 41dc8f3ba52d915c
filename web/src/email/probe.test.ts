import { describe, expect, it } from 'vitest'
import { hopsOf, totalOf } from './probe'

const at = (second: number) => new Date(Date.UTC(2026, 4, 4, 9, 0, second)).toISOString()

describe('a probe as stations', () => {
  it('stopped at the first hop that a failed one did not pass', () => {
    const stops = hopsOf({
      state: 'failed',
      hops: [
        { name: 'queued', at: at(0) },
        { name: 'sent', at: at(3) },
        { name: 'arrived', at: null },
        { name: 'noticed', at: null },
      ],
    })
    expect(stops.map(({ passage }) => passage)).toEqual(['passed', 'passed', 'stopped', 'skipped'])
    expect(stops.map(({ since }) => since)).toEqual([null, 3000, null, null])
  })

  it('takes no time where two clocks disagree, and is ahead while it runs', () => {
    const stops = hopsOf({
      state: 'running',
      hops: [
        { name: 'sent', at: at(3) },
        { name: 'arrived', at: at(2) },
        { name: 'noticed', at: null },
      ],
    })
    expect(stops.map(({ since }) => since)).toEqual([null, 0, null])
    expect(stops[2]?.passage).toBe('ahead')
  })

  it('has a length only when it has ended', () => {
    const probe = { id: 1, address_id: 1, state: 'running', started_at: at(0), hops: [], error: null } as const
    expect(totalOf({ ...probe, hops: [], finished_at: null })).toBeNull()
    expect(totalOf({ ...probe, hops: [], finished_at: at(7) })).toBe(7000)
  })
})
