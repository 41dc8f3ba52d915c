import { expect, test } from 'vitest'
import type { Attachment } from '../api/types'
import { filePath, fileWarning } from './files'

const file = (facts: Partial<Attachment>): Attachment =>
  ({ scan_state: 'not_scanned', scan_finding: '', set_aside: false, ...facts }) as Attachment

test('a file is loaded from where the page is, whatever host its address names', () => {
  Object.assign(globalThis, { location: { origin: 'http://127.0.0.1:8080' } })
  expect(filePath({ content_url: 'https://help.example.com/attachments/token/s3cret/?name=%E8%A6%8B.pdf' })).toBe(
    '/attachments/token/s3cret/?name=%E8%A6%8B.pdf',
  )
})

test('a file says the worst that is known of it', () => {
  expect(fileWarning(file({}))).toBeUndefined()
  expect(fileWarning(file({ scan_state: 'clean' }))).toBeUndefined()
  expect(fileWarning(file({ scan_state: 'waiting' }))).toBe('waiting')
  expect(fileWarning(file({ scan_state: 'failed' }))).toBe('failed')
  expect(fileWarning(file({ scan_state: 'failed', scan_finding: 'too_large' }))).toBe('too_large')
  expect(fileWarning(file({ scan_state: 'malware', scan_finding: 'X' }))).toBe('malware')
  expect(fileWarning(file({ set_aside: true }))).toBe('set_aside')
})
