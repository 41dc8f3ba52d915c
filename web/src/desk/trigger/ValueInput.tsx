import { Checkbox, Input, Select, Textarea } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TriggerDefinition } from '../../api/types'
import { AgentPicker } from '../../directory/AgentPicker'
import { useBrands } from '../../directory/queries'
import { useAddresses } from '../../email/queries'
import type { Choice } from '../../ui/Picker'
import { useGroups } from './queries'
import { useTriggerWords } from './words'

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
      return <OneOf {...props} more={[]} />
    case 'agent':
      return <PersonChoice {...props} />
    case 'group':
      return <GroupChoice {...props} />
    case 'brand':
      return <BrandChoice {...props} />
    case 'options':
      return <Options {...props} />
    case 'support':
      return <AddressChoice {...props} />
    case 'person':
      return <PersonChoice {...props} everybody={definition.subject !== 'role'} />
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

/** One of the values of the field, or of more that were made meanwhile. */
function OneOf({ definition, value, label, onValue, more }: Props & { more: Choice[] }) {
  const { t } = useTranslation()
  const options = [...useValues(definition), ...more]
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

/** The values that a field has from the start, in words. */
function useValues({ subject, values = [] }: TriggerDefinition): Choice[] {
  const words = useTriggerWords()
  return values.map(({ value }) => ({ value, name: words.value(subject, value) }))
}

/** A part that somebody plays, or an agent; a person also by name or address when anybody will do. */
function PersonChoice({ definition, value, label, onValue, everybody }: Props & { everybody?: boolean }) {
  const { t } = useTranslation()
  const nothing = definition.nullable ? [{ value: '', name: t('trigger.nothing') }] : []
  const choices = [...nothing, ...useValues(definition)]
  return (
    <AgentPicker
      label={label}
      value={value}
      placeholder={t('trigger.choose')}
      choices={choices}
      everybody={everybody}
      onChosen={onValue}
    />
  )
}

function GroupChoice(props: Props) {
  const { data: groups = [] } = useGroups()
  return <OneOf {...props} more={groups.map(({ id, name }) => ({ value: String(id), name }))} />
}

function BrandChoice(props: Props) {
  const { data: brands = [] } = useBrands()
  return <OneOf {...props} more={brands.map(({ id, name }) => ({ value: String(id), name }))} />
}

function AddressChoice(props: Props) {
  const { data: addresses = [] } = useAddresses()
  return <OneOf {...props} more={addresses.map(({ email }) => ({ value: email, name: email }))} />
}

/** As many rows as the text has lines, and one to go on. */
const rowsFor = (text: string) => Math.min(Math.max(text.split('\n').length + 1, 4), 16)
