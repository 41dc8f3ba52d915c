import { useTranslation } from 'react-i18next'
import type { CustomField } from '../../api/types'
import { useFields, type FieldOwner } from './queries'
import { textOfValue, typeOf, type FieldValue } from './values'

/** What is known in the custom fields of a person or an organization, as terms and facts; empty fields are left out. */
export function useFieldFacts(owner: Exclude<FieldOwner, 'ticket'>, values: Record<string, unknown>) {
  const { t, i18n } = useTranslation()
  const { data: fields = [] } = useFields(owner)
  const nameOf = (field: CustomField, value: string) =>
    field.custom_field_options?.find((option) => option.value === value)?.name ?? value
  const say = (field: CustomField, value: FieldValue): string => {
    switch (typeOf(field)) {
      case 'checkbox':
        return value === true ? t('field.yes') : ''
      case 'tagger':
        return nameOf(field, textOfValue('tagger', value))
      case 'multiselect':
        return (Array.isArray(value) ? value : []).map((one) => nameOf(field, one)).join(', ')
      case 'date': {
        const day = textOfValue('date', value)
        return day && new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(day))
      }
      default:
        return textOfValue(typeOf(field), value)
    }
  }
  return fields.flatMap((field): [string, string][] => {
    const said = field.active && field.key ? say(field, (values[field.key] ?? null) as FieldValue) : ''
    return said ? [[field.title, said]] : []
  })
}
