import { Button, Field, Input, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { AddIcon, DeleteIcon } from '../../ui/icons'
import { narrow } from '../../ui/layout'
import { SortableList } from '../../ui/SortableList'

/** An option while it is edited; row tells it from others that have no number yet. */
export interface DraftOption {
  row: string
  id?: number
  name: string
  value: string
  default: boolean
}

export const emptyOption = (): DraftOption => ({ row: crypto.randomUUID(), name: '', value: '', default: false })

const useStyles = makeStyles({
  part: { border: 0, margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  dim: { color: tokens.colorNeutralForeground3 },
  pair: {
    flexGrow: 1,
    minWidth: 0,
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1.4fr) minmax(0, 1fr)',
    gap: tokens.spacingHorizontalS,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  input: { minWidth: 0, width: '100%' },
  add: { alignSelf: 'flex-start' },
})

/** The options of a field: names, values, their order, and which one is the default. */
export function OptionsEditor({
  options,
  tags,
  fault,
  faultOf,
  onOptions,
}: {
  options: DraftOption[]
  tags: boolean
  fault?: string
  faultOf: (option: DraftOption, part: 'name' | 'value') => string | undefined
  onOptions: (options: DraftOption[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const change = (row: string, to: Partial<DraftOption>) =>
    onOptions(options.map((option) => (option.row === row ? { ...option, ...to } : option)))
  return (
    <fieldset className={styles.part}>
      <Subtitle2 as="h2">{t('field.options')}</Subtitle2>
      <Text className={styles.dim}>{tags ? t('field.options_hint_tags') : t('field.options_hint')}</Text>
      {fault && <Field validationMessage={fault} />}
      <SortableList
        label={t('field.options')}
        items={options}
        keyOf={(option) => option.row}
        nameOf={(option) => option.name || t('field.option')}
        onMove={onOptions}
      >
        {(option, i) => (
          <>
            <div className={styles.pair}>
              <Field validationMessage={faultOf(option, 'name')}>
                <Input
                  className={styles.input}
                  value={option.name}
                  maxLength={200}
                  aria-label={t('field.option_name', { place: i + 1 })}
                  placeholder={t('field.option')}
                  onChange={(_, data) => change(option.row, { name: data.value })}
                />
              </Field>
              <Field validationMessage={faultOf(option, 'value')}>
                <Input
                  className={styles.input}
                  value={option.value}
                  maxLength={80}
                  aria-label={t('field.option_value', { place: i + 1 })}
                  placeholder={option.name.toLowerCase().trim().replace(/\s+/g, '_') || t('field.value')}
                  onChange={(_, data) => change(option.row, { value: data.value })}
                />
              </Field>
            </div>
            <Button
              appearance="subtle"
              icon={<DeleteIcon />}
              aria-label={t('field.option_remove', { place: i + 1 })}
              onClick={() => onOptions(options.filter(({ row }) => row !== option.row))}
            />
          </>
        )}
      </SortableList>
      <Button
        className={styles.add}
        size="small"
        icon={<AddIcon />}
        onClick={() => onOptions([...options, emptyOption()])}
      >
        {t('field.option_add')}
      </Button>
      {tags && (
        <Field label={t('field.default')} hint={t('field.default_hint')}>
          <Select
            value={options.find((option) => option.default)?.row ?? ''}
            onChange={(_, data) => onOptions(options.map((option) => ({ ...option, default: option.row === data.value })))}
          >
            <option value="">{t('field.no_default')}</option>
            {options
              .filter((option) => option.name.trim())
              .map((option) => (
                <option key={option.row} value={option.row}>
                  {option.name}
                </option>
              ))}
          </Select>
        </Field>
      )}
    </fieldset>
  )
}
