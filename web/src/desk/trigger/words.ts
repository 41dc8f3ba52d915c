import { useTranslation } from 'react-i18next'
import { useFields } from '../../directory/fields/queries'

/** Fields whose operators have words of their own. */
const kinds = [
  [/_word$/, 'word'],
  [/^until_/, 'until'],
  [/_at$|^due_date$/, 'time'],
] as const

/** The words of a language for what the API calls by stable names. */
export function useTriggerWords() {
  const { t, i18n } = useTranslation()
  const wordOf = (key: string, args?: object): string | undefined =>
    i18n.exists(key) ? String(t(key as never, args as never)) : undefined
  const { data: fields = [] } = useFields('ticket')
  // Rules name a custom field "custom_fields_1001", histories "1001".
  const custom = (name: string) => fields.find(({ id }) => name.replace('custom_fields_', '') === String(id))
  return {
    field: (name: string) => wordOf(`trigger.field.${name}`) ?? custom(name)?.title ?? name,
    action: (name: string) => wordOf(`trigger.action.${name}`) ?? custom(name)?.title ?? name,
    operator: (field: string, name: string) => {
      const kind = kinds.find(([pattern]) => pattern.test(field))?.[1]
      const words = kind && wordOf(`trigger.${kind}_operator.${name}`)
      return words ?? wordOf(`trigger.operator.${name}`) ?? name
    },
    value: (field: string, name: string) =>
      custom(field)?.custom_field_options?.find(({ value }) => value === name)?.name ??
      wordOf(`trigger.value_of.${field}.${name}`) ?? wordOf(`trigger.value.${name}`) ?? name,
    reason: (code: string) => wordOf(`trigger.reason.${code}`) ?? wordOf(`trigger.fault.${code}`) ?? code,
    /** What is wrong; name is that of what is gone, where it is known. */
    fault: (code: string, sentence: string, name?: string) => wordOf(`trigger.fault.${code}`, { name }) ?? sentence,
  }
}

/** Moves one of a list to another place. */
export function moveTo<T>(list: readonly T[], from: number, to: number): T[] {
  const moved = [...list]
  const [one] = moved.splice(from, 1)
  moved.splice(Math.max(0, Math.min(to, moved.length)), 0, one!)
  return moved
}
