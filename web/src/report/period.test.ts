import { expect, test } from 'vitest'
import { askedFor, changeOf, csv, ticketsOf } from './period'

const today = new Date(2026, 10, 29, 12)
const asked = (search: string) => askedFor(new URLSearchParams(search), today)

test('a report is about the last thirty days by day unless something else is asked for', () => {
  expect(asked('')).toMatchObject({ from: '2026-10-31', to: '2026-11-29', interval: 'day', group_by: 'assignee' })
  expect(asked('days=365')).toMatchObject({ from: '2025-11-30', interval: 'month' })
  expect(asked('from=2026-01-01&to=2026-03-31&by=brand')).toMatchObject({ interval: 'week', group_by: 'brand' })
})

test('a group that was chosen narrows the report and the tickets behind it', () => {
  const query = asked('of=recipient&key=support@contoso.example')
  expect(query.recipient).toBe('support@contoso.example')
  expect(ticketsOf('created', '2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z', query)).toBe(
    '/reports/tickets?figure=created&to=2026-11-02T00%3A00%3A00Z&from=2026-11-01T00%3A00%3A00Z&recipient=support%40contoso.example',
  )
})

test('a change is told in percent, and not at all from nothing', () => {
  expect(changeOf(12, 10)).toBe(20)
  expect(changeOf(5, 10)).toBe(-50)
  expect(changeOf(5, 0)).toBeUndefined()
})

test('no text of a file is calculated by a spreadsheet', () => {
  expect(csv([['=1+1', 'a "b", c', 3, null]])).toBe(`\uFEFF'=1+1,"a ""b"", c",3,\r\n`)
})
