import { expect, test } from 'vitest'
import { hasAllFacts } from '../i18n/facts'
import { asProblem, readProblem } from './problem'

test('an error body tells the code, the side, the facts and the input at fault', () => {
  const body = {
    error: 'RecordInvalid',
    description: 'x is taken.',
    code: 'email_taken',
    message: 'x is taken.',
    side: 'yours',
    remedy: 'Use another.',
    args: { address: 'x' },
    details: { email: [{ type: 'taken', description: 'It is taken.' }] },
    reference: 'ABC123',
  }
  expect(readProblem(422, body, '')).toMatchObject({
    status: 422,
    code: 'email_taken',
    side: 'yours',
    remedy: 'Use another.',
    args: { address: 'x' },
    fields: { email: 'It is taken.' },
    reference: 'ABC123',
  })
})

test('an answer without a body still has a reference, and its fault is not the person’s', () => {
  expect(readProblem(500, undefined, 'REQ9')).toMatchObject({ code: 'unknown', side: 'tandem', reference: 'REQ9' })
})

test('a proxy in front that finds no server counts as Tandem not being reached', () => {
  expect(readProblem(502, '<html>', '').code).toBe('server_unreachable')
})

test('no answer at all is told apart from a fault in the page', () => {
  expect(asProblem(new TypeError('Failed to fetch')).code).toBe('server_unreachable')
  expect(asProblem(new Error('boom'))).toMatchObject({ code: 'unknown', message: 'boom' })
})

test('a translation with a fact that nobody knows is not used', () => {
  expect(hasAllFacts('Sign in as {{address}}.', { address: 'a@b' })).toBe(true)
  expect(hasAllFacts('Sign in as {{address}}.', {})).toBe(false)
  expect(hasAllFacts('{{count, number}} mails', { count: 3 })).toBe(true)
})
