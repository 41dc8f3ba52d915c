import { expect, test } from 'vitest'
import { bestLanguage } from '.'
import { clockTime, duration, fileSize, relativeTime } from './format'

const now = new Date(2026, 10, 22, 12, 0, 0)
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)

test('times are relative within a week, then a date', () => {
  expect(relativeTime(ago(20), now, 'en')).toBe('now')
  expect(relativeTime(ago(3 * 60), now, 'en')).toBe('3 min. ago')
  expect(relativeTime(ago(-2 * 3600), now, 'en')).toBe('in 2 hr.')
  expect(relativeTime(ago(24 * 3600), now, 'ja')).toBe('昨日')
  expect(relativeTime(ago(3 * 24 * 3600), now, 'pt-BR')).toBe('há 3 dias')
  expect(relativeTime(ago(20 * 24 * 3600), now, 'en')).toBe('Nov 2')
  expect(relativeTime(ago(400 * 24 * 3600), now, 'en')).toBe('Oct 18, 2025')
})

test('a length of time is told in its largest fitting unit', () => {
  expect(duration(340, 'en')).toBe('340 ms')
  expect(duration(2400, 'en')).toBe('2.4 sec')
  expect(duration(95_000, 'en')).toBe('2 min')
  expect(duration(5.3 * 3600_000, 'en')).toBe('5.3 hr')
  expect(duration(29 * 24 * 3600_000, 'en')).toBe('29 days')
})

test('sizes are told as people say them', () => {
  expect(fileSize(546, 'en')).toBe('546 bytes')
  expect(fileSize(12_300, 'en')).toBe('12 kB')
  expect(fileSize(3_420_000, 'en')).toBe('3.4 MB')
  expect(fileSize(0, 'en')).toBe('0 bytes')
})

test('a time of another day names the day', () => {
  expect(clockTime(ago(60), now, 'en')).not.toContain('Nov')
  expect(clockTime(ago(3 * 24 * 3600), now, 'en')).toContain('Nov 19')
})

test('the browser’s first wish that we speak is followed', () => {
  expect(bestLanguage(['fr', 'pt-PT', 'en'])).toBe('pt-BR')
  expect(bestLanguage(['ja-JP'])).toBe('ja')
  expect(bestLanguage(['de'])).toBe('en')
})
