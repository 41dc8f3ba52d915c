import { Button, Field, Input, makeStyles, Textarea, tokens } from '@fluentui/react-components'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { TagsField } from '../desk/TagsField'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** What is known of a person or an organization, and saved together. */
export function ParticularsForm({
  complete,
  onSave,
  children,
}: {
  /** Whether there is something to save, and nothing missing. */
  complete: boolean
  onSave: () => Promise<unknown>
  children: ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await onSave()
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <ProblemBar error={error} />
      {children}
      <Button type="submit" appearance="primary" className={styles.button} disabled={!complete}>
        {t('action.save')}
      </Button>
    </form>
  )
}

/** What somebody changes of a record before it is saved. */
export function useChanges<Change extends object, Of extends object>(record: Of, none: Change) {
  const [changes, setChanges] = useState(none)
  return {
    changes,
    changed: Object.keys(changes).length > 0,
    now: { ...record, ...changes },
    change: (some: Change) => setChanges((old) => ({ ...old, ...some })),
  }
}

interface Common {
  details?: string | null
  notes?: string | null
  tags?: string[]
  external_id?: string | null
}

/** What is written of people and of organizations alike. */
export function CommonFields({
  now,
  detailsHint,
  tagsHint,
  onChange,
}: {
  now: Common
  detailsHint: string
  tagsHint: string
  onChange: (some: { details?: string; notes?: string; tags?: string[]; external_id?: string }) => void
}) {
  const { t } = useTranslation()
  return (
    <>
      <Field label={t('person.details')} hint={detailsHint}>
        <Textarea rows={2} value={now.details ?? ''} onChange={(_, data) => onChange({ details: data.value })} />
      </Field>
      <Field label={t('person.notes')} hint={t('person.notes_hint')}>
        <Textarea rows={3} value={now.notes ?? ''} onChange={(_, data) => onChange({ notes: data.value })} />
      </Field>
      <TagsField size="medium" hint={tagsHint} tags={now.tags ?? []} onChange={(tags) => onChange({ tags })} />
      <Field label={t('person.external_id')} hint={t('person.external_id_hint')}>
        <Input value={now.external_id ?? ''} onChange={(_, data) => onChange({ external_id: data.value })} />
      </Field>
    </>
  )
}
