import { useTranslation } from 'react-i18next'
import { asProblem } from '../../api/problem'
import type { CustomField } from '../../api/types'

const maxDigits = 15

/** Says what a problem has against the value of a field, in the reader's language; nothing when it is not about it. */
export function useFieldFault() {
  const { t, i18n } = useTranslation()
  return (thrown: unknown, name: string, field: CustomField): string | undefined => {
    if (!thrown) return undefined
    const problem = asProblem(thrown)
    const code = problem.faults[name]
    if (!code) return undefined
    const key = `problem.${code}.message`
    const facts = { digits: maxDigits, value: '', ...problem.args, field: field.title }
    return i18n.exists(key) ? String(t(key as never, facts as never)) : problem.fields[name]
  }
}
