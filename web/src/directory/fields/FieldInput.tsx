import { Checkbox, Field, Input, makeStyles, Select, Textarea, tokens } from '@fluentui/react-components'
import { useEffect, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { CustomField, FieldOption } from '../../api/types'
import { textOfValue, typeOf, type FieldValue } from './values'

const useStyles = makeStyles({
  options: {
    display: 'flex',
    flexDirection: 'column',
    maxHeight: '176px',
    overflowY: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
})

interface Props {
  field: CustomField
  value: FieldValue | undefined
  disabled?: boolean
  /** Report what is typed at once, rather than when the box is left. */
  eager?: boolean
  onChange: (value: FieldValue) => void
}

/** A custom field with its label: the input that fits its type, what is needed, and what is wrong. */
export function FieldInput(props: Props & { fault?: string; size?: 'small' }) {
  const { fault, size, ...inner } = props
  const { field, value, disabled, onChange } = inner
  const { t } = useTranslation()
  const frame = {
    size,
    hint: field.description || undefined,
    validationMessage: fault,
    title: field.required ? t('field.needed') : undefined,
  }
  switch (typeOf(field)) {
    case 'checkbox':
      return (
        <Field {...frame}>
          <Checkbox
            label={field.title}
            required={field.required}
            checked={value === true}
            disabled={disabled}
            onChange={(_, data) => onChange(data.checked === true)}
          />
        </Field>
      )
    case 'multiselect':
      return (
        <Field {...frame} label={field.title} required={field.required}>
          <Options {...inner} />
        </Field>
      )
    case 'tagger':
      return (
        <Field {...frame} label={field.title} required={field.required}>
          <Select value={textOfValue('tagger', value)} disabled={disabled} onChange={(_, d) => onChange(d.value || null)}>
            <option value="">–</option>
            {withGone(field, value).map((option) => (
              <option key={option.value} value={option.value}>
                {option.name}
              </option>
            ))}
          </Select>
        </Field>
      )
  }
  return (
    <Field {...frame} label={field.title} required={field.required}>
      <Typed {...inner} />
    </Field>
  )
}

type Choice = Pick<FieldOption, 'name' | 'value'>

/** The options of a field, and those that are chosen although they are no longer offered. */
function withGone(field: CustomField, value: FieldValue | undefined): Choice[] {
  const options: Choice[] = field.custom_field_options ?? []
  const chosen = Array.isArray(value) ? value : typeof value === 'string' && value ? [value] : []
  const gone = chosen.filter((one) => !options.some((option) => option.value === one))
  return [...options, ...gone.map((one) => ({ name: one, value: one }))]
}

/** Labelled and described by the field around it. */
function Options({
  field,
  value,
  disabled,
  onChange,
  ...around
}: Props & { 'aria-labelledby'?: string; 'aria-describedby'?: string }) {
  const styles = useStyles()
  const chosen = Array.isArray(value) ? value : []
  return (
    <div
      className={styles.options}
      role="group"
      aria-labelledby={around['aria-labelledby']}
      aria-describedby={around['aria-describedby']}
    >
      {withGone(field, value).map((option) => (
        <Checkbox
          key={option.value}
          label={option.name}
          checked={chosen.includes(option.value)}
          disabled={disabled}
          onChange={(_, data) =>
            onChange(data.checked ? [...chosen, option.value] : chosen.filter((one) => one !== option.value))
          }
        />
      ))}
    </div>
  )
}

const modes = { integer: 'numeric', decimal: 'decimal' } as const

/** A box that somebody types into. What is typed counts when the box is left, or Enter is pressed. */
function Typed({ field, value, disabled, eager, onChange, ...control }: Props) {
  const type = typeOf(field)
  const stored = textOfValue(type, value)
  const [text, setText] = useState(stored)
  useEffect(() => setText(stored), [stored])
  const commit = () => {
    if (!eager && text.trim() !== stored) onChange(text.trim() || null)
  }
  const change = (typed: string) => {
    setText(typed)
    if (eager) onChange(typed.trim() || null)
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && type !== 'textarea') commit()
    if (event.key === 'Escape') setText(stored)
  }
  if (type === 'textarea')
    return (
      <Textarea
        {...control}
        rows={3}
        value={text}
        disabled={disabled}
        onChange={(_, data) => change(data.value)}
        onBlur={commit}
        onKeyDown={keys}
      />
    )
  return (
    <Input
      {...control}
      type={type === 'date' ? 'date' : 'text'}
      inputMode={modes[type as keyof typeof modes]}
      autoComplete="off"
      value={text}
      disabled={disabled}
      onChange={(_, data) => change(data.value)}
      onBlur={commit}
      onKeyDown={keys}
    />
  )
}
