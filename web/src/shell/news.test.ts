import { expect, test } from 'vitest'
import type { Ticket } from '../api/types'
import { newsOf } from './news'

const ticket = (id: number, set: Partial<NonNullable<Ticket['metric_set']>>, more: Partial<Ticket> = {}) =>
  ({ id, updated_at: '2026-11-29T12:00:00Z', delivery_failed: false, metric_set: set, ...more }) as Ticket

const told = (...tickets: Ticket[]) => newsOf(tickets).map((one) => one.id)

test('being given a ticket is news, taking it by an answer is not', () => {
  expect(told(ticket(1, { assigned_at: '2026-11-29T10:00:00Z', assignee_updated_at: null }))).toEqual(['assigned-1'])
  expect(told(ticket(1, { assigned_at: '2026-11-29T10:00:00Z', assignee_updated_at: '2026-11-29T10:00:00Z' }))).toEqual([])
})

test('what the requester writes on my ticket is news, what they wrote before is not', () => {
  const mine = { assigned_at: '2026-11-29T10:00:00Z', assignee_updated_at: '2026-11-29T10:00:00Z' }
  expect(told(ticket(1, { ...mine, requester_updated_at: '2026-11-29T11:00:00Z' }))).toEqual(['replied-1'])
  expect(told(ticket(1, { ...mine, requester_updated_at: '2026-11-29T09:00:00Z' }))).toEqual([])
  const shorter = { assigned_at: '2026-11-29T10:00:00.27Z', assignee_updated_at: '2026-11-29T10:00:00.27Z' }
  expect(told(ticket(1, { ...shorter, requester_updated_at: '2026-11-29T10:00:00.275Z' }))).toEqual(['replied-1'])
  expect(told(ticket(1, { ...shorter, requester_updated_at: '2026-11-29T10:00:00.2Z' }))).toEqual([])
})

test('the newest stands first', () => {
  expect(
    told(
      ticket(1, { assigned_at: '2026-11-29T10:00:00Z' }),
      ticket(2, {}, { delivery_failed: true, updated_at: '2026-11-29T11:00:00Z' }),
    ),
  ).toEqual(['failed-2', 'assigned-1'])
})
