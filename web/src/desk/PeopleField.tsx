import { Input, makeStyles, tokens } from '@fluentui/react-components'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { Chip } from '../ui/Chip'
import { usePeopleSearch } from './queries'

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  box: { flexGrow: 1, minWidth: '160px' },
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
}: {
  value: string
  /** The box's name when no field around it gives one. */
  label?: string
  onValue: (text: string) => void
  onChosen: (email: string, user?: User) => void
  appearance?: 'filled-lighter' | 'outline'
}) {
  const styles = useStyles()
  const list = useId()
  const { data: found = [] } = usePeopleSearch(value)
  const change = (text: string) => {
    const user = found.find((one) => one.email === text)
    if (user) onChosen(user.email, user)
    else onValue(text)
  }
  return (
    <>
      <Input
        className={styles.box}
        size={appearance ? 'small' : 'medium'}
        appearance={appearance}
        aria-label={label}
        placeholder={label}
        list={list}
        autoComplete="off"
        value={value}
        onChange={(_, data) => change(data.value)}
        onKeyDown={(event) => {
          if ((event.key !== 'Enter' && event.key !== ',') || event.nativeEvent.isComposing) return
          event.preventDefault()
          if (looksLikeAddress(value)) onChosen(value.trim())
        }}
        onBlur={() => looksLikeAddress(value) && onChosen(value.trim())}
      />
      <datalist id={list}>
        {found.map((user) => (
          <option key={user.id} value={user.email}>
            {user.name}
          </option>
        ))}
      </datalist>
    </>
  )
}

/** Several addresses, each a chip that can be removed. */
export function PeopleField({
  emails,
  names,
  label,
  size = 'small',
  onChange,
}: {
  emails: string[]
  names: Map<string, string>
  label: string
  /** Medium among the fields of a form, small and without a frame at a comment. */
  size?: 'small' | 'medium'
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
        <Chip
          key={email}
          title={email}
          removeLabel={t('copy.remove', { email })}
          onRemove={() => onChange(emails.filter((other) => other !== email))}
        >
          {names.get(email) || email}
        </Chip>
      ))}
      <PersonBox value={text} label={label} onValue={setText} onChosen={add} appearance={size === 'small' ? 'filled-lighter' : undefined} />
    </div>
  )
}
