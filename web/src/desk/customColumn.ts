import { useTranslation } from 'react-i18next'
import type { CustomField, Ticket } from '../api/types'
import { useFields } from '../directory/fields/queries'
import type { FieldValue } from '../directory/fields/values'

const prefix = 'custom_fields_'

/** The name of a column: a custom field comes as its number, and is called as rules call it. */
export const columnName = (id: string | number): string => (typeof id === 'number' ? `${prefix}${id}` : id)

const isCustom = (name: string) => name.startsWith(prefix)

/** What lists show of custom fields, for columns that may name some. */
export function useCustomColumns(names: readonly string[]) {
  const { t, i18n } = useTranslation()
  const { data: fields = [] } = useFields('ticket', names.some(isCustom))
  const text = (field: CustomField, value: FieldValue): string => {
    const nameOf = (option: string) => field.custom_field_options?.find((one) => one.value === option)?.name ?? option
    if (field.type === 'checkbox') return value ? t('view.checked') : t('view.unchecked')
    if (value === null || value === '') return ''
    if (Array.isArray(value)) return value.map(nameOf).join(', ')
    switch (field.type) {
      case 'tagger':
        return nameOf(String(value))
      case 'integer':
      case 'decimal':
        return Number(value).toLocaleString(i18n.language, { useGrouping: false, maximumFractionDigits: 15 })
      case 'date':
        return new Date(String(value)).toLocaleDateString(i18n.language, { dateStyle: 'medium', timeZone: 'UTC' })
    }
    return String(value)
  }
  /** The column of a name; undefined when there is no such field any more. */
  return (name: string) => {
    const field = isCustom(name) && fields.find(({ id }) => columnName(id) === name)
    if (!field) return undefined
    return {
      title: field.title,
      sorts: field.type !== 'multiselect' && field.type !== 'textarea',
      text: (row: Ticket) =>
        text(field, (row.custom_fields.find(({ id }) => id === field.id)?.value ?? null) as FieldValue),
    }
  }
}
