import { expect, test } from 'vitest'
import type { MailDetails, Station } from '../api/types'
import { stopsOf, travelTime } from './journey'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, seconds)).toISOString()
const journey = (...stations: [Station, number | null][]): MailDetails['journey'] =>
  stations.map(([station, seconds]) => ({ station, at: seconds === null ? null : at(seconds), detail: '' }))
const passages = (mail: Pick<MailDetails, 'journey' | 'state'>) => stopsOf(mail).map((stop) => stop.passage)

test('times between stations are those since the last one passed', () => {
  const stops = stopsOf({
    state: 'ticketed',
    journey: journey(['arrived', 0], ['noticed', 2], ['fetched', 3], ['stored', null], ['decided', 5]),
  })
  expect(stops.map((stop) => stop.since)).toEqual([null, 2000, 1000, null, 2000])
  expect(travelTime(stops)).toBe(5000)
})

test('a mail on its way has stations ahead', () => {
  expect(
    passages({
      state: 'noticed',
      journey: journey(['arrived', 0], ['noticed', 1], ['fetched', null], ['filed', null]),
    }),
  ).toEqual(['passed', 'passed', 'ahead', 'ahead'])
})

test('a quarantined mail stopped at the decision, and nothing follows', () => {
  expect(
    passages({
      state: 'quarantined',
      journey: journey(['arrived', 0], ['stored', 1], ['decided', 2], ['filed', null]),
    }),
  ).toEqual(['passed', 'passed', 'stopped', 'skipped'])
})

test('a mail that could not be fetched stopped there', () => {
  expect(
    passages({ state: 'gone', journey: journey(['arrived', 0], ['noticed', 1], ['fetched', null], ['decided', null]) }),
  ).toEqual(['passed', 'passed', 'stopped', 'skipped'])
})

test('a failed reply stopped before the first station that it did not reach', () => {
  expect(
    passages({ state: 'failed', journey: journey(['queued', 0], ['drafted', 1], ['sent', null], ['confirmed', null]) }),
  ).toEqual(['passed', 'passed', 'stopped', 'skipped'])
})

test('a duplicate needs no ticket', () => {
  expect(
    passages({ state: 'duplicate', journey: journey(['arrived', 0], ['decided', 1], ['ticket', null], ['filed', 2]) }),
  ).toEqual(['passed', 'passed', 'skipped', 'passed'])
})

test('clocks that disagree do not run backwards', () => {
  expect(stopsOf({ state: 'ticketed', journey: journey(['arrived', 5], ['noticed', 3]) })[1]?.since).toBe(0)
})
