import { Field } from '@fluentui/react-components'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Role } from '../api/types'
import { Picker } from '../ui/Picker'
import { usePeopleLike } from './identities'
import { useOrganizationsLike } from './organizations'

interface Found {
  id: number
  name: string
  detail?: string
}

/** A box that finds as one types; what is chosen is told, and the box is empty again. */
export function Finder({
  label,
  bare,
  placeholder,
  size,
  text,
  found,
  onText,
  onChosen,
}: {
  label: string
  /** The label is heard and stands in the box, not above it. */
  bare?: boolean
  placeholder?: string
  size?: 'small' | 'medium'
  text: string
  found: Found[] | undefined
  onText: (text: string) => void
  onChosen: (id: number) => void
}) {
  const { t } = useTranslation()
  return (
    <Field label={bare ? undefined : label} size={size}>
      <Picker
        label={bare ? label : undefined}
        placeholder={bare ? label : (placeholder ?? t('finder.type'))}
        size={size}
        text={text}
        groups={found && [{ choices: found.map(({ id, ...words }) => ({ value: String(id), ...words })) }]}
        onText={onText}
        onChosen={(value) => onChosen(Number(value))}
      />
    </Field>
  )
}

/** Finds a person by name, address or number. */
export function PersonFinder({
  label,
  roles,
  onChosen,
}: {
  label: string
  roles?: Role[]
  onChosen: (id: number) => void
}) {
  const [text, setText] = useState('')
  const { data } = usePeopleLike(useDeferredValue(text), roles)
  const found = data?.map(({ id, name, email }) => ({ id, name: name || email, detail: email }))
  return <Finder label={label} text={text} found={text.trim() ? found : undefined} onText={setText} onChosen={onChosen} />
}

/** Finds an organization by its name. */
export function OrganizationFinder({
  label,
  bare,
  onChosen,
}: {
  label: string
  bare?: boolean
  onChosen: (id: number) => void
}) {
  const [text, setText] = useState('')
  const { data } = useOrganizationsLike(useDeferredValue(text))
  const found = data?.map(({ id, name, domain_names }) => ({ id, name, detail: domain_names.join(', ') }))
  return <Finder label={label} bare={bare} text={text} found={found} onText={setText} onChosen={onChosen} />
}
