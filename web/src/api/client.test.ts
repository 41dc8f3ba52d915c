import { expect, test } from 'vitest'
import { apiURL, writeQuery } from './client'

test('lists are written by commas, and repeated where the name says so', () => {
  expect(writeQuery({ status: ['new', 'open'], 'role[]': ['agent', 'admin'] })).toBe(
    'status=new%2Copen&role%5B%5D=agent&role%5B%5D=admin',
  )
})

test('what is not wanted is left out', () => {
  expect(writeQuery({ query: '', state: [], page: undefined, assignee: null, flagged: false })).toBe('flagged=false')
  expect(apiURL('/events')).toBe('/api/v2/events')
})
