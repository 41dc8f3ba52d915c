import { Button, Card, Field, Input, makeStyles, Switch, Textarea, tokens } from '@fluentui/react-components'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Problem } from '../../api/problem'
import type { TriggerFault } from '../../api/types'
import { LeaveGuard } from '../../ui/LeaveGuard'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** What triggers, macros and views have alike. */
export interface About {
  title: string
  description: string
  active: boolean
}

/** The form in which a trigger, macro or view is written: what is wrong is said at its place, and saving leads back. */
export function RuleForm({
  title,
  back,
  about,
  titleHint,
  fresh,
  broken = [],
  audience,
  buttons,
  written,
  gone,
  onAbout,
  onSave,
  children,
}: {
  /** The page's. */
  title: string
  back: { to: string; label: string }
  about: About
  titleHint?: string
  /** It is a new one, which begins with its title. */
  fresh: boolean
  /** What is wrong with it as it is kept, because something was deleted since. */
  broken?: TriggerFault[]
  audience?: ReactNode
  /** More than to save and to leave. */
  buttons?: ReactNode
  /** All that the form holds, so that it is not left unsaved unasked. */
  written: unknown
  /** It was deleted: there is nothing left to save. */
  gone?: boolean
  onAbout: (change: Partial<About>) => void
  /** Tells where to go on, when that is not where one came from. */
  onSave: () => Promise<string | void>
  /** The rest of the form, by what is wrong with its inputs. */
  children: (faults: Record<string, string>) => ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const words = useTriggerWords()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const faults: Record<string, string> = Object.fromEntries(
    error instanceof Problem
      ? Object.entries(error.fields).map(([field, text]) => [field, words.fault(error.faults[field] ?? '', text)])
      : broken.map((one) => [one.field, words.fault(one.code, one.message, one.name)]),
  )
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const next = await onSave()
      notify.done(t('state.saved'))
      await navigate(next ?? back.to)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page title={title} back={back}>
      <LeaveGuard value={written} done={busy || gone === true} />
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Card className={styles.card}>
          <Field label={t('trigger.title')} required hint={titleHint} validationMessage={faults.title}>
            <Input value={about.title} autoFocus={fresh} onChange={(_, data) => onAbout({ title: data.value })} />
          </Field>
          <Field label={t('trigger.description')} validationMessage={faults.description}>
            <Textarea rows={2} value={about.description} onChange={(_, data) => onAbout({ description: data.value })} />
          </Field>
          {audience}
          <Switch
            checked={about.active}
            label={about.active ? t('trigger.on') : t('trigger.off')}
            onChange={(_, data) => onAbout({ active: data.checked })}
          />
        </Card>
        {children(faults)}
        <ProblemBar error={error} />
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={busy || !about.title.trim()}>
            {t('action.save')}
          </Button>
          <Button onClick={() => void navigate(back.to)}>{t('action.cancel')}</Button>
          {buttons}
        </div>
      </form>
    </Page>
  )
}
