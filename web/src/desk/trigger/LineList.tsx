import { Button, Field, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TriggerDefinition } from '../../api/types'
import { AddIcon, DeleteIcon } from '../../ui/icons'
import { narrow } from '../../ui/layout'
import { MailInput } from './MailInput'
import { newLine, type Line } from './rule'
import { ValueInput } from './ValueInput'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  part: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, border: 0, margin: 0, padding: 0 },
  heading: { padding: 0, display: 'block', marginBottom: tokens.spacingVerticalS },
  hint: { color: tokens.colorNeutralForeground3 },
  line: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 0.9fr) minmax(0, 1.3fr) 32px',
    gap: tokens.spacingHorizontalS,
    alignItems: 'start',
    paddingBottom: tokens.spacingVerticalS,
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr) 32px', '& > :first-child': { gridColumn: '1' } },
  },
  wide: {
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 2.2fr) 32px',
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr) 32px' },
  },
  inner: { [narrow]: { gridColumn: '1' } },
  remove: { gridRow: '1', gridColumn: '-2 / -1' },
  select: { minWidth: 0, width: '100%' },
  add: { alignSelf: 'flex-start' },
})

/** Conditions or actions, one below the other. */
export function LineList({
  heading,
  hint,
  path,
  lines,
  definitions,
  placeholders,
  faults,
  actions,
  onLines,
}: {
  heading: string
  hint?: string
  /** How the API calls this list in what it says about faults. */
  path: string
  lines: Line[]
  definitions: TriggerDefinition[]
  placeholders: string[]
  faults: Record<string, string>
  actions?: boolean
  onLines: (lines: Line[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [added, setAdded] = useState<number>()
  const adds = useRef<HTMLButtonElement>(null)
  const add = (definition: TriggerDefinition) => {
    const line = newLine(definition)
    setAdded(line.key)
    onLines([...lines, line])
  }
  const remove = (key: number) => {
    adds.current?.focus() // what was pressed goes with its line
    onLines(lines.filter((line) => line.key !== key))
  }
  const change = (key: number, to: Partial<Line>) =>
    onLines(lines.map((line) => (line.key === key ? { ...line, ...to } : line)))
  return (
    <fieldset className={styles.part}>
      <legend className={styles.heading}>
        <Subtitle2>{heading}</Subtitle2>
      </legend>
      {hint && <Text className={styles.hint}>{hint}</Text>}
      {faults[path] && <Field validationMessage={faults[path]} />}
      {lines.map((line, i) => (
        <OneLine
          key={line.key}
          line={line}
          place={i + 1}
          path={`${path}.${i}`}
          definitions={definitions}
          placeholders={placeholders}
          faults={faults}
          action={actions}
          fresh={line.key === added}
          onChange={(to) => change(line.key, to)}
          onRemove={() => remove(line.key)}
        />
      ))}
      <Button
        ref={adds}
        className={styles.add}
        size="small"
        icon={<AddIcon />}
        onClick={() => definitions[0] && add(definitions[0])}
      >
        {actions ? t('trigger.add_action') : t('trigger.add_condition')}
      </Button>
    </fieldset>
  )
}

function OneLine({
  line,
  place,
  path,
  definitions,
  placeholders,
  faults,
  action,
  fresh,
  onChange,
  onRemove,
}: {
  line: Line
  place: number
  path: string
  definitions: TriggerDefinition[]
  placeholders: string[]
  faults: Record<string, string>
  action?: boolean
  /** It has just been added, above the button that did it: the keys go there. */
  fresh: boolean
  onChange: (to: Partial<Line>) => void
  onRemove: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useTriggerWords()
  const definition = definitions.find((one) => one.subject === line.field)
  const terminal = definition?.operators?.find((one) => one.value === line.operator)?.terminal
  const name = (one: TriggerDefinition) => (action ? words.action(one.subject) : words.field(one.subject))
  const groups = [...new Set(definitions.map((one) => one.group))]
  return (
    <div className={action ? `${styles.line} ${styles.wide}` : styles.line} role="group" aria-label={t('trigger.line', { place })}>
      <Field className={styles.inner} validationMessage={faults[`${path}.field`]}>
        <Select
          className={styles.select}
          autoFocus={fresh}
          value={line.field}
          aria-label={action ? t('trigger.action_name') : t('trigger.field_name')}
          onChange={(_, data) => {
            const chosen = definitions.find((one) => one.subject === data.value)
            if (chosen) onChange({ ...newLine(chosen), key: line.key })
          }}
        >
          {!definition && <option value={line.field}>{t('trigger.gone', { value: line.field })}</option>}
          {groups.map((group) => (
            <optgroup key={group} label={t(`trigger.group.${group}`)}>
              {definitions
                .filter((one) => one.group === group)
                .map((one) => (
                  <option key={one.subject} value={one.subject}>
                    {name(one)}
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
      </Field>
      {!action && (
        <Field className={styles.inner} validationMessage={faults[`${path}.operator`]}>
          <Select
            className={styles.select}
            value={line.operator}
            aria-label={t('trigger.operator_name')}
            onChange={(_, data) => onChange({ operator: data.value })}
          >
            {definition?.operators?.map((one) => (
              <option key={one.value} value={one.value}>
                {words.operator(line.field, one.value)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <div className={styles.inner}>
        {definition?.input === 'mail' ? (
          <MailInput
            definition={definition}
            placeholders={placeholders}
            value={line.value}
            faultOf={(n) => faults[`${path}.value.${n}`] ?? (n === 0 ? faults[`${path}.value`] : undefined)}
            onValue={(value) => onChange({ value })}
          />
        ) : (
          definition &&
          !terminal && (
            <Field validationMessage={faults[`${path}.value`]}>
              <ValueInput
                definition={definition}
                value={line.value[0] ?? ''}
                label={t('trigger.value_name')}
                operator={line.operator}
                onValue={(value) => onChange({ value: [value] })}
              />
            </Field>
          )
        )}
      </div>
      <Button
        className={styles.remove}
        appearance="subtle"
        icon={<DeleteIcon />}
        aria-label={t('trigger.remove_line', { place })}
        onClick={onRemove}
      />
    </div>
  )
}
