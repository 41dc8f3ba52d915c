import {
  Combobox,
  InteractionTag,
  InteractionTagPrimary,
  InteractionTagSecondary,
  makeStyles,
  Option,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { usePeopleSearch } from './queries'

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  box: { flexGrow: 1, minWidth: '140px' },
})

/** Good enough to catch a slip; the server judges. */
export const looksLikeAddress = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim())

/** An address box that knows people: type a name or an address. */
export function PersonBox({
  value,
  label,
  onValue,
  onChosen,
  appearance,
  required,
}: {
  value: string
  label: string
  onValue: (text: string) => void
  onChosen: (email: string, user?: User) => void
  appearance?: 'filled-lighter' | 'outline'
  required?: boolean
}) {
  const styles = useStyles()
  const { data: found = [] } = usePeopleSearch(value)
  return (
    <Combobox
      freeform
      className={styles.box}
      size="small"
      appearance={appearance}
      aria-label={label}
      required={required}
      value={value}
      selectedOptions={[]}
      onChange={(event) => onValue(event.target.value)}
      onOptionSelect={(_, data) => {
        if (data.optionValue) onChosen(data.optionValue, found.find((user) => user.email === data.optionValue))
      }}
      onKeyDown={(event) => {
        if ((event.key !== 'Enter' && event.key !== ',') || event.nativeEvent.isComposing || !looksLikeAddress(value)) return
        event.preventDefault()
        onChosen(value.trim())
      }}
      onBlur={() => looksLikeAddress(value) && onChosen(value.trim())}
    >
      {found.map((user) => (
        <Option key={user.id} value={user.email} text={user.email}>
          {user.name ? `${user.name} <${user.email}>` : user.email}
        </Option>
      ))}
    </Combobox>
  )
}

/** Several addresses, each a chip that can be removed. */
export function PeopleField({
  emails,
  names,
  label,
  onChange,
}: {
  emails: string[]
  names: Map<string, string>
  label: string
  onChange: (emails: string[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [text, setText] = useState('')
  const add = (email: string) => {
    setText('')
    const lower = email.toLowerCase()
    if (!emails.includes(lower)) onChange([...emails, lower])
  }
  return (
    <div className={styles.row}>
      {emails.map((email) => (
        <InteractionTag key={email} size="small">
          <InteractionTagPrimary hasSecondaryAction title={email}>
            {names.get(email) || email}
          </InteractionTagPrimary>
          <InteractionTagSecondary
            aria-label={t('copy.remove', { email })}
            onClick={() => onChange(emails.filter((other) => other !== email))}
          />
        </InteractionTag>
      ))}
      <PersonBox value={text} label={label} onValue={setText} onChosen={add} appearance="filled-lighter" />
    </div>
  )
}
