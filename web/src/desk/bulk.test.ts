import { expect, test } from 'vitest'
import type { Ticket } from '../api/types'
import { formerValues } from './bulk'

const ticket = (id: number, status: Ticket['status'], assignee_id: number | null, group_id: number | null = null) =>
  ({ id, status, assignee_id, group_id }) as Ticket

test('undoing a bulk change gives each ticket its own former value back', () => {
  const tickets = [ticket(1, 'open', 7), ticket(2, 'pending', 8), ticket(3, 'open', 9)]
  expect(formerValues(tickets, { status: 'solved' })).toEqual([
    [{ status: 'open' }, [1, 3]],
    [{ status: 'pending' }, [2]],
  ])
})

test('a new ticket goes back to open, since none can become new again', () => {
  expect(formerValues([ticket(1, 'new', null)], { status: 'solved' })).toEqual([[{ status: 'open' }, [1]]])
})

test('only what was changed is restored', () => {
  expect(formerValues([ticket(1, 'open', null)], { assignee_id: 5 })).toEqual([
    [{ assignee_id: null, group_id: null }, [1]],
  ])
})

test('a team comes back together with whom it took the ticket from', () => {
  expect(formerValues([ticket(1, 'open', 5, 2)], { group_id: 3 })).toEqual([[{ assignee_id: 5, group_id: 2 }, [1]]])
})
