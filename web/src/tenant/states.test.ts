import { expect, test } from 'vitest'
import type { Credential } from '../api/types'
import { dayOf, endOfDay, expiryTone, isLastWorking } from './states'

const credential = (id: number, state: Credential['state']) => ({ id, state }) as Credential

test('the end of a credential is the redder the nearer it is', () => {
  expect([null, 400, 30, 29, 7, 6, 0, -3].map(expiryTone)).toEqual([
    'neutral',
    'ok',
    'ok',
    'warning',
    'warning',
    'error',
    'error',
    'error',
  ])
})

test('only what works can be the last that works', () => {
  const [old, spare, broken] = [credential(1, 'working'), credential(2, 'working'), credential(3, 'refused')]
  expect(isLastWorking(old, [old, broken])).toBe(true)
  expect(isLastWorking(old, [old, spare, broken])).toBe(false)
  expect(isLastWorking(broken, [broken])).toBe(false)
})

test('a day typed in comes back as the same day', () => {
  expect(dayOf(endOfDay('2027-02-28'))).toBe('2027-02-28')
  expect(dayOf(null)).toBe('')
})
