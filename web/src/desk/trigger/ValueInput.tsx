import { Checkbox, Input, makeStyles, Select, Textarea, tokens } from '@fluentui/react-components'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TriggerDefinition } from '../../api/types'
import { useBrands, useUser } from '../../directory/queries'
import { useAddresses } from '../../email/queries'
import { useAgents, usePeopleSearch } from '../queries'
import { useGroups } from './queries'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  person: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
})

interface Props {
  definition: TriggerDefinition
  value: string
  label: string
  operator?: string
  onValue: (value: string) => void
}

/** The box for the value of a condition or action, as fits its field. */
export function ValueInput(props: Props) {
  const { definition, value, label, operator, onValue } = props
  switch (definition.input) {
    case 'time': {
      const day = operator === 'before' || operator === 'after'
      return (
        <Input
          type={day ? 'date' : 'number'}
          min={day ? undefined : 0}
          value={value}
          aria-label={label}
          onChange={(_, data) => onValue(data.value)}
        />
      )
    }
    case 'list':
      return <Choice {...props} more={[]} />
    case 'agent':
      return <AgentChoice {...props} />
    case 'group':
      return <GroupChoice {...props} />
    case 'brand':
      return <BrandChoice {...props} />
    case 'options':
      return <Options {...props} />
    case 'support':
      return <AddressChoice {...props} />
    case 'person':
      return <PersonChoice {...props} />
  }
  if (definition.group === 'message' && definition.input !== 'mail')
    return <Textarea rows={rowsFor(value)} value={value} aria-label={label} onChange={(_, data) => onValue(data.value)} />
  return (
    <Input
      type={definition.input === 'date' ? 'date' : 'text'}
      inputMode={definition.input === 'number' ? 'decimal' : undefined}
      value={value}
      aria-label={label}
      onChange={(_, data) => onValue(data.value)}
    />
  )
}

/** Any of the values, which are kept separated by blanks. */
function Options({ definition, value, label, onValue }: Props) {
  const chosen = value.split(' ').filter(Boolean)
  return (
    <div role="group" aria-label={label}>
      {definition.values?.map((one) => (
        <Checkbox
          key={one.value}
          label={one.title}
          checked={chosen.includes(one.value)}
          onChange={(_, data) =>
            onValue((data.checked ? [...chosen, one.value] : chosen.filter((v) => v !== one.value)).join(' '))
          }
        />
      ))}
    </div>
  )
}

interface Option {
  value: string
  name: string
}

/** One of the values of the field, or of more that were made meanwhile. */
function Choice({ definition, value, label, onValue, more }: Props & { more: Option[] }) {
  const { t } = useTranslation()
  const words = useTriggerWords()
  const options = [
    ...(definition.values ?? []).map((one) => ({ value: one.value, name: words.value(definition.subject, one.value) })),
    ...more,
  ]
  const known = value === '' || options.some((one) => one.value === value)
  return (
    <Select value={value} aria-label={label} onChange={(_, data) => onValue(data.value)}>
      <option value="" disabled={!definition.nullable}>
        {definition.nullable ? t('trigger.nothing') : t('trigger.choose')}
      </option>
      {!known && <option value={value}>{t('trigger.gone', { value })}</option>}
      {options.map((one) => (
        <option key={one.value} value={one.value}>
          {one.name}
        </option>
      ))}
    </Select>
  )
}

function AgentChoice(props: Props) {
  const { data: agents = [] } = useAgents()
  return <Choice {...props} more={agents.map(({ id, name }) => ({ value: String(id), name }))} />
}

function GroupChoice(props: Props) {
  const { data: groups = [] } = useGroups()
  return <Choice {...props} more={groups.map(({ id, name }) => ({ value: String(id), name }))} />
}

function BrandChoice(props: Props) {
  const { data: brands = [] } = useBrands()
  return <Choice {...props} more={brands.map(({ id, name }) => ({ value: String(id), name }))} />
}

function AddressChoice(props: Props) {
  const { data: addresses = [] } = useAddresses()
  return <Choice {...props} more={addresses.map(({ email }) => ({ value: email, name: email }))} />
}

const somebodyElse = '*'

/** A part that somebody plays, a colleague, or anybody else by name or address. */
function PersonChoice(props: Props) {
  const { definition, value, label, onValue } = props
  const { t } = useTranslation()
  const styles = useStyles()
  const list = useId()
  const { data: agents = [] } = useAgents()
  const [query, setQuery] = useState<string>()
  const { data: found = [] } = usePeopleSearch(query ?? '')
  const isNumber = /^\d+$/.test(value)
  const elsewhere = isNumber && !agents.some(({ id }) => String(id) === value)
  const { data: person } = useUser(Number(value), elsewhere)
  const more = [
    ...agents.map(({ id, name }) => ({ value: String(id), name })),
    ...(elsewhere && person ? [{ value, name: `${person.name} <${person.email}>` }] : []),
    ...(definition.subject === 'role' ? [] : [{ value: somebodyElse, name: t('trigger.somebody_else') }]),
  ]
  const type = (text: string) => {
    const user = found.find((one) => one.email === text)
    if (!user) return setQuery(text)
    setQuery(undefined)
    onValue(String(user.id))
  }
  return (
    <div className={styles.person}>
      <Choice
        {...props}
        value={query === undefined ? value : somebodyElse}
        more={more}
        onValue={(chosen) => {
          setQuery(chosen === somebodyElse ? '' : undefined)
          if (chosen !== somebodyElse) onValue(chosen)
        }}
      />
      {query !== undefined && (
        <>
          <Input
            autoFocus
            list={list}
            autoComplete="off"
            value={query}
            aria-label={label}
            placeholder={t('trigger.search_person')}
            onChange={(_, data) => type(data.value)}
          />
          <datalist id={list}>
            {found.map((user) => (
              <option key={user.id} value={user.email}>
                {user.name}
              </option>
            ))}
          </datalist>
        </>
      )}
    </div>
  )
}

/** As many rows as the text has lines, and one to go on. */
const rowsFor = (text: string) => Math.min(Math.max(text.split('\n').length + 1, 4), 16)
