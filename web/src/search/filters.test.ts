import { expect, test } from 'vitest'
import { filterOf, pieces, ticketNumber, withFilter } from './filters'

test('a query is cut at blanks outside quotation marks', () => {
  expect(pieces('red "big car"  subject:"a b" 返品')).toEqual(['red', '"big car"', 'subject:"a b"', '返品'])
  expect(pieces('  ')).toEqual([])
  expect(pieces('"open end')).toEqual(['"open end'])
})

test('a filter is read, replaced and removed', () => {
  expect(filterOf('red status<solved', 'status')).toBe('status<solved')
  expect(filterOf('status', 'status')).toBe('')
  expect(withFilter('red status<solved', 'status', 'status:open')).toBe('red status:open')
  expect(withFilter('status:open red', 'status', '')).toBe('red')
  expect(withFilter('', 'priority', 'priority>normal')).toBe('priority>normal')
})

test('a number alone is a ticket', () => {
  expect(ticketNumber(' #4711 ')).toBe(4711)
  expect(ticketNumber('４７')).toBe(47)
  expect(ticketNumber('47a')).toBeUndefined()
})
