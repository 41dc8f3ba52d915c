import { expect, test } from 'vitest'
import type { TicketViewer } from '../api/types'
import { withEvent } from './viewers'

const aiko: TicketViewer = { ticket_id: 7, user_id: 1, name: 'Aiko', state: 'viewing', expires_at: '' }

test('who begins to write is seen to write', () => {
  expect(withEvent([aiko], { kind: 'ticket.writing', id: 7, parent: 1 })).toEqual([{ ...aiko, state: 'writing' }])
})

test('who goes on to another ticket is seen at both until they leave the first', () => {
  const both = withEvent([aiko], { kind: 'ticket.viewed', id: 8, parent: 1 })!
  expect(both.map((one) => one.ticket_id)).toEqual([7, 8])
  expect(withEvent(both, { kind: 'ticket.left', id: 7, parent: 1 })!.map((one) => one.ticket_id)).toEqual([8])
})

test('somebody unknown has to be asked for', () => {
  expect(withEvent([aiko], { kind: 'ticket.viewed', id: 7, parent: 2 })).toBeUndefined()
})
