import { Combobox, Field, makeStyles, Option, tokens } from '@fluentui/react-components'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Role } from '../api/types'
import { usePeopleLike } from './identities'
import { useOrganizationsLike } from './organizations'

const useStyles = makeStyles({
  box: { width: '100%', minWidth: 0 },
  option: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
  detail: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

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
  size = 'medium',
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
  const styles = useStyles()
  const [open, setOpen] = useState(false)
  return (
    <Field label={bare ? undefined : label} size={size}>
      <Combobox
        size={size}
        aria-label={bare ? label : undefined}
        className={styles.box}
        freeform
        expandIcon={{ 'aria-label': t('finder.open') }}
        placeholder={bare ? label : (placeholder ?? t('finder.type'))}
        value={text}
        selectedOptions={[]}
        open={open && found !== undefined}
        onOpenChange={(_, data) => setOpen(data.open)}
        onChange={(event) => {
          onText(event.target.value)
          setOpen(true) // Fluent opens on keys alone, which an input method may keep to itself
        }}
        onOptionSelect={(_, { optionValue }) => {
          onText('')
          if (optionValue) onChosen(Number(optionValue))
        }}
      >
        {found?.map(({ id, name, detail }) => (
          <Option key={id} value={String(id)} text={name}>
            <span className={styles.option}>
              {name}
              {detail && <span className={styles.detail}>{detail}</span>}
            </span>
          </Option>
        ))}
        {found?.length === 0 && (
          <Option disabled value="" text="">
            {t('finder.none')}
          </Option>
        )}
      </Combobox>
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
