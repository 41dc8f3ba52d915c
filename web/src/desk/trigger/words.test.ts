import { expect, test } from 'vitest'
import { moveTo } from './words'

test('a row goes where it is dropped', () => {
  expect(moveTo(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(moveTo(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
})

test('a row does not leave the list', () => {
  expect(moveTo(['a', 'b', 'c'], 2, 9)).toEqual(['a', 'b', 'c'])
  expect(moveTo(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
})
