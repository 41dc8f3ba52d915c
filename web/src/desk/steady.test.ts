import { expect, test } from 'vitest'
import { settle } from './steady'

const row = (id: number, subject = '') => ({ id, subject })

test('new rows are counted and move nothing', () => {
  expect(settle([row(2), row(1)], [row(3), row(2), row(1)])).toEqual({ rows: [row(2), row(1)], arrived: 1 })
})

test('known rows are renewed where they stand, whatever their new order', () => {
  const { rows } = settle([row(2, 'old'), row(1)], [row(1), row(2, 'new')])
  expect(rows).toEqual([row(2, 'new'), row(1)])
})

test('rows that left the view are removed', () => {
  expect(settle([row(2), row(1)], [row(1)])).toEqual({ rows: [row(1)], arrived: 0 })
})

test('an empty list takes what comes at once', () => {
  expect(settle([], [row(1)])).toEqual({ rows: [row(1)], arrived: 0 })
  expect(settle([row(1)], [row(2)])).toEqual({ rows: [row(2)], arrived: 0 })
})
