// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import type { Upload } from '../api/types'
import { emptyDraft, emptyText, keepDraft, readDraft, type Draft } from './draft'

const now = new Date('2026-11-22T12:00:00Z')
const upload = (token: string, expires_at: string) => ({ token, expires_at }) as Upload

beforeEach(() => localStorage.clear())

test('a draft survives a reload, the reply apart from the note', () => {
  const draft: Draft = {
    mode: 'note',
    reply: { body: 'Dear Ms Sato', uploads: [] },
    note: { body: 'check the contract', uploads: [] },
    ccs: ['boss@example.com'],
  }
  keepDraft(localStorage, 1, 42, draft)
  expect(readDraft(localStorage, 1, 42, now)).toEqual(draft)
})

test('a draft belongs to one person and one ticket', () => {
  keepDraft(localStorage, 1, 42, { ...emptyDraft, reply: { body: 'mine', uploads: [] } })
  expect(readDraft(localStorage, 2, 42, now)).toEqual(emptyDraft)
  expect(readDraft(localStorage, 1, 43, now)).toEqual(emptyDraft)
})

test('a sent draft leaves no trace', () => {
  keepDraft(localStorage, 1, 42, { ...emptyDraft, reply: { body: 'hello', uploads: [] } })
  keepDraft(localStorage, 1, 42, { ...emptyDraft, reply: emptyText })
  expect(localStorage.length).toBe(0)
})

test('files whose upload has expired are gone, others stay', () => {
  const uploads = [upload('old', '2026-11-22T11:59:00Z'), upload('fresh', '2026-11-22T13:00:00Z')]
  keepDraft(localStorage, 1, 42, { ...emptyDraft, reply: { body: 'see file', uploads } })
  expect(readDraft(localStorage, 1, 42, now).reply.uploads.map((u) => u.token)).toEqual(['fresh'])
})

test('what another version wrote does no harm', () => {
  localStorage.setItem('tandem.draft.1.42', '{not json')
  expect(readDraft(localStorage, 1, 42, now)).toEqual(emptyDraft)
})
