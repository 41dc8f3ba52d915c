import { Field, Input } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** The shortest password that the server accepts. */
const shortestPassword = 10

/** A new password, typed twice. */
export function usePasswordPair() {
  const [value, setValue] = useState('')
  const [again, setAgain] = useState('')
  const [checked, setChecked] = useState(false)
  const short = value.length < shortestPassword
  const differs = value !== again
  return {
    value,
    again,
    setValue,
    setAgain,
    fault: !checked ? undefined : short ? ('short' as const) : differs ? ('differs' as const) : undefined,
    check: () => {
      setChecked(true)
      return !short && !differs
    },
    clear: () => {
      setValue('')
      setAgain('')
      setChecked(false)
    },
  }
}

export function PasswordPair({ pair }: { pair: ReturnType<typeof usePasswordPair> }) {
  const { t } = useTranslation()
  return (
    <>
      <Field
        label={t('password.new')}
        required
        hint={t('password.rule', { count: shortestPassword })}
        validationMessage={pair.fault === 'short' ? t('password.short') : undefined}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={pair.value}
          onChange={(_, data) => pair.setValue(data.value)}
        />
      </Field>
      <Field
        label={t('password.again')}
        required
        validationMessage={pair.fault === 'differs' ? t('password.differs') : undefined}
      >
        <Input
          type="password"
          autoComplete="new-password"
          value={pair.again}
          onChange={(_, data) => pair.setAgain(data.value)}
        />
      </Field>
    </>
  )
}
