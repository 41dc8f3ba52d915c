import { expect, test } from 'vitest'
import { timeLeft } from './timeLeft'

const began = '2026-11-22T12:00:00Z'
const after = (seconds: number) => new Date(Date.parse(began) + seconds * 1000)

test('the time left follows the speed so far', () => {
  expect(timeLeft({ created_at: began, done: 100, total: 300 }, after(10))).toBe(20_000)
})

test('nothing is promised at the beginning or at the end', () => {
  expect(timeLeft({ created_at: began, done: 3, total: 300 }, after(1))).toBeNull()
  expect(timeLeft({ created_at: began, done: 300, total: 300 }, after(30))).toBeNull()
})
