import type { CustomField } from '../../api/types'

/** A value as the API takes and shows it. */
export type FieldValue = string | number | boolean | string[] | null

/** The types of custom fields, in the order in which people choose among them. */
export const fieldTypes = [
  'text',
  'textarea',
  'tagger',
  'multiselect',
  'checkbox',
  'integer',
  'decimal',
  'date',
  'regexp',
] as const
export type FieldType = (typeof fieldTypes)[number]

/** The type under the name that tickets have for it: a dropdown of people is called otherwise. */
export const typeOf = (field: Pick<CustomField, 'type'>): FieldType =>
  field.type === 'dropdown' ? 'tagger' : (field.type as FieldType)

export const choosesOptions = (type: FieldType) => type === 'tagger' || type === 'multiselect'

/** A value as text, as boxes show it: days of people come as their first instant. */
export function textOfValue(type: FieldType, value: FieldValue | undefined): string {
  if (value === null || value === undefined) return ''
  const text = Array.isArray(value) ? value.join(' ') : String(value)
  return type === 'date' ? text.slice(0, 10) : text
}

/** What a new ticket begins with. */
export const defaultOf = (field: CustomField): FieldValue =>
  field.custom_field_options?.find((option) => option.default)?.value ?? null

/** Makes the key of a field out of its title, as far as it is in Latin letters. */
export const keyFrom = (title: string) =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
