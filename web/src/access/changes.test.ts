import { expect, test } from 'vitest'
import { changedFields } from './changes'

test('only what differs is told, as text', () => {
  const change = {
    before: { name: 'A', role: 'agent', tags: ['x'] },
    after: { name: 'B', role: 'agent', tags: ['x', 'y'] },
  }
  expect(changedFields(change)).toEqual([
    { field: 'name', before: 'A', after: 'B' },
    { field: 'tags', before: '["x"]', after: '["x","y"]' },
  ])
})

test('something created has no before, and nothing changed tells nothing', () => {
  expect(changedFields({ before: null, after: { name: 'A' } })).toEqual([{ field: 'name', before: '', after: 'A' }])
  expect(changedFields({ before: null, after: null })).toEqual([])
})
