import { expect, test } from 'vitest'
import type { Upload } from '../api/types'
import { arrived, emptyDraft, emptyText, placePicture, readSaved, tokensOf, waits, wordsOf } from './draft'

const upload = (token: string) =>
  ({ token, attachment: { content_url: `/attachments/token/s-${token}/?name=image.png` } }) as Upload
const shownAs = (token: string) => `<p>See <img src="/attachments/token/s-${token}/?inline=1" alt=""></p>`

test('a picture goes along while the text shows it, a file always', () => {
  const text = { html: shownAs('a'), files: [upload('f')], pictures: [upload('a'), upload('b')] }
  expect(tokensOf(text)).toEqual(['f', 'a'])
  expect(tokensOf({ ...text, html: '<p>See</p>' })).toEqual(['f'])
})

test('of what the server kept, pictures and files are told apart by the text', () => {
  const half = { html_body: shownAs('a'), uploads: [upload('a'), upload('f')] }
  const draft = readSaved({
    ticket_id: 1, mode: 'note', reply: half, note: { html_body: '', uploads: [] }, email_ccs: [], subject: '', requester: '', updated_stamp: 't',
  })
  expect(draft.reply.pictures.map((one) => one.token)).toEqual(['a'])
  expect(draft.reply.files.map((one) => one.token)).toEqual(['f'])
  expect([draft.mode, draft.ccs]).toEqual(['note', []])
})

test('a picture on its way keeps its place, and is not told to the server', () => {
  const html = '<p>See <img alt="" data-waits="k1"></p>'
  const draft = { ...emptyDraft, mode: 'note' as const, reply: { ...emptyText, html } }
  expect(waits(html)).toBe(true)
  expect(arrived(html)).toBe('<p>See </p>')
  const placed = placePicture(draft, 'k1', upload('a')).reply
  expect(waits(placed.html)).toBe(false)
  expect(tokensOf(placed)).toEqual(['a'])
})

test('changed people in copy make another draft, the half at hand does not', () => {
  expect(wordsOf({ ...emptyDraft, mode: 'note' })).toBe(wordsOf(emptyDraft))
  expect(wordsOf({ ...emptyDraft, ccs: [] })).not.toBe(wordsOf(emptyDraft))
})
