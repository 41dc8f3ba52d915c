import { expect, test } from 'vitest'
import { keyFrom, textOfValue, typeOf } from './values'

test('a key is made of the Latin letters of a title', () => {
  expect(keyFrom('Data de início (contrato)')).toBe('data_de_inicio_contrato')
  expect(keyFrom('契約終了日')).toBe('')
})

test('a day of a person is shown without its clock', () => {
  expect(textOfValue('date', '2026-03-31T00:00:00Z')).toBe('2026-03-31')
  expect(textOfValue('date', null)).toBe('')
  expect(textOfValue('integer', 12)).toBe('12')
})

test('a dropdown has one name here', () => {
  expect(typeOf({ type: 'dropdown' })).toBe('tagger')
})
