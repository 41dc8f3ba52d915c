import { Button, Card, makeStyles, Subtitle2, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNotify } from '../../ui/notify'
import { ProblemBar } from '../../ui/problems'
import { useFieldFault } from './faults'
import { FieldInput } from './FieldInput'
import { useFields, type FieldOwner } from './queries'
import type { FieldValue } from './values'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** What else the organisation wants to know of a person or an organization; nothing when there are no such fields. */
export function KeyedFields({
  owner,
  values,
  onSave,
}: {
  owner: Exclude<FieldOwner, 'ticket'>
  values: Record<string, unknown>
  onSave: (changes: Record<string, FieldValue>) => Promise<unknown>
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const faultOf = useFieldFault()
  const { data: fields = [] } = useFields(owner)
  const [changes, setChanges] = useState<Record<string, FieldValue>>({})
  const [error, setError] = useState<unknown>()
  const shown = fields.filter((field) => field.active && field.key)
  if (shown.length === 0) return null
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await onSave(changes)
      setChanges({})
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('field.heading')}</Subtitle2>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        <ProblemBar error={error} />
        {shown.map((field) => (
          <FieldInput
            key={field.id}
            field={field}
            eager
            value={changes[field.key!] !== undefined ? changes[field.key!] : (values[field.key!] as FieldValue)}
            fault={faultOf(error, `${owner}_fields.${field.key}`, field)}
            onChange={(value) => setChanges((old) => ({ ...old, [field.key!]: value }))}
          />
        ))}
        <Button
          type="submit"
          appearance="primary"
          className={styles.button}
          disabled={Object.keys(changes).length === 0}
        >
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}
