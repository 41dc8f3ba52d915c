import { useTranslation } from 'react-i18next'

/** The words of a language for what the API calls by stable names. */
export function useTriggerWords() {
  const { t, i18n } = useTranslation()
  const wordOf = (key: string): string | undefined => (i18n.exists(key) ? String(t(key as never)) : undefined)
  return {
    field: (name: string) => wordOf(`trigger.field.${name}`) ?? name,
    action: (name: string) => wordOf(`trigger.action.${name}`) ?? name,
    operator: (field: string, name: string) => {
      const kind = /_word$/.test(field) ? 'word' : /_at$/.test(field) ? 'time' : undefined
      const words = kind && wordOf(`trigger.${kind}_operator.${name}`)
      return words ?? wordOf(`trigger.operator.${name}`) ?? name
    },
    value: (field: string, name: string) =>
      wordOf(`trigger.value_of.${field}.${name}`) ?? wordOf(`trigger.value.${name}`) ?? name,
    reason: (code: string) => wordOf(`trigger.reason.${code}`) ?? wordOf(`trigger.fault.${code}`) ?? code,
    fault: (code: string, sentence: string) => wordOf(`trigger.fault.${code}`) ?? sentence,
  }
}

/** Moves one of a list to another place. */
export function moveTo<T>(list: readonly T[], from: number, to: number): T[] {
  const moved = [...list]
  const [one] = moved.splice(from, 1)
  moved.splice(Math.max(0, Math.min(to, moved.length)), 0, one!)
  return moved
}
