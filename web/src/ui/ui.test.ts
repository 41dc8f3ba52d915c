import { expect, test } from 'vitest'
import { initials } from './initials'
import { sparkPoints } from './sparkPoints'

test('initials are those of the first and last name; of a Japanese name the first character', () => {
  expect(initials('Camila de Souza Duarte')).toBe('CD')
  expect(initials('agent1@contoso.example')).toBe('A')
  expect(initials('加藤 翔')).toBe('加')
  expect(initials('')).toBe('')
})

test('a sparkline spans the box, the largest value on top', () => {
  expect(sparkPoints([0, 10, 5], 100, 30)).toEqual(['0,30', '50,2', '100,16'])
  expect(sparkPoints([], 100, 30)).toEqual([])
})
