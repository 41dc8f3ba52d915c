import { expect, test } from 'vitest'
import { safePath } from './safePath'

test('after sign-in one comes back to where one wanted to be', () => {
  expect(safePath('/tickets/4?pane=context')).toBe('/tickets/4?pane=context')
  expect(safePath(null)).toBe('/tickets')
})

test('a link cannot lead to another site', () => {
  for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    expect(safePath(next), next).toBe('/tickets')
  }
})
