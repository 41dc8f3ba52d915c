import { expect, test } from 'vitest'
import type { Ticket } from '../../api/types'
import { clashes, conflictRows, overlaps, withoutOverlap } from './conflict'

const seen = {
  status: 'open',
  priority: null,
  assignee_id: 1,
  group_id: 2,
  subject: 'Order',
  tags: ['a'],
  custom_fields: [
    { id: 7, value: null },
    { id: 8, value: 'x' },
  ],
} as unknown as Ticket

test('what only one side changed does not overlap, and both survive a merge', () => {
  const now = { ...seen, priority: 'high' } as Ticket
  const wanted = { status: 'solved', comment: { html_body: 'Done' } } as const
  const rows = conflictRows(seen, wanted, now)
  expect(rows).toEqual([
    { field: 'status', before: 'open', mine: 'solved' },
    { field: 'priority', before: null, theirs: 'high' },
  ])
  expect(rows.some(overlaps)).toBe(false)
  expect(withoutOverlap(wanted, rows)).toEqual(wanted)
})

test('of what both changed a merge leaves theirs, and keeps what is said', () => {
  const now = { ...seen, status: 'pending', custom_fields: [{ id: 7, value: 'theirs' }, seen.custom_fields[1]] } as Ticket
  const wanted = {
    status: 'solved',
    tags: ['a', 'b'],
    custom_fields: [
      { id: 7, value: 'mine' },
      { id: 8, value: 'y' },
    ],
    comment: { html_body: 'Done' },
  } as const
  const rows = conflictRows(seen, wanted as never, now)
  expect(rows.filter(overlaps).map(({ field }) => field)).toEqual(['status', 7])
  expect(withoutOverlap(wanted as never, rows)).toEqual({
    tags: ['a', 'b'],
    custom_fields: [{ id: 8, value: 'y' }],
    comment: { html_body: 'Done' },
  })
})

test('the same change by both is no conflict', () => {
  const now = { ...seen, status: 'solved' } as Ticket
  expect(conflictRows(seen, { status: 'solved' }, now).some(overlaps)).toBe(false)
})

test('an assignee is not taken without the team that others chose', () => {
  const now = { ...seen, group_id: 3, assignee_id: null } as Ticket
  const wanted = { assignee_id: 5 }
  expect(withoutOverlap(wanted, conflictRows(seen, wanted, now))).toEqual({})
})

test('team and assignee are one choice, which both made the same or not', () => {
  const now = { ...seen, group_id: 3, assignee_id: 5 } as Ticket
  expect(clashes(conflictRows(seen, { assignee_id: 6 }, { ...now, assignee_id: 1 } as Ticket))).toBe(true)
  expect(clashes(conflictRows(seen, { assignee_id: 5 }, now))).toBe(false)
  expect(clashes(conflictRows(seen, { priority: 'low' }, now))).toBe(false)
})
