import { Button, Card, Field, Input, makeStyles, Switch, Textarea, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { Problem } from '../../api/problem'
import type { Trigger, TriggerDefinitions } from '../../api/types'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { Loaded } from '../../ui/states'
import { LineList } from './LineList'
import { useDefinitions, useTrigger, useTriggerActions } from './queries'
import { bodyOf, emptyRule, ruleOf } from './rule'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** One trigger, a new one, or the copy of one, to be edited. */
export function TriggerPage() {
  const { id } = useParams()
  const [search] = useSearchParams()
  const fresh = id === 'new'
  const source = Number(fresh ? search.get('copy') : id)
  const definitions = useDefinitions()
  const trigger = useTrigger(source, source > 0)
  return (
    <Loaded query={definitions}>
      {(known) =>
        source > 0 ? (
          <Loaded query={trigger}>
            {(data) => <Editor key={`${id} ${data.updated_at}`} known={known} trigger={data} copy={fresh} />}
          </Loaded>
        ) : (
          <Editor known={known} />
        )
      }
    </Loaded>
  )
}

function Editor({ known, trigger, copy }: { known: TriggerDefinitions; trigger?: Trigger; copy?: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const words = useTriggerWords()
  const { save } = useTriggerActions()
  const [rule, setRule] = useState(() => {
    if (!trigger) return emptyRule
    const shown = ruleOf(trigger)
    return copy ? { ...shown, title: t('trigger.copy_of', { title: shown.title }), active: false } : shown
  })
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const faults =
    error instanceof Problem
      ? Object.fromEntries(Object.entries(error.fields).map(([field, text]) => [field, words.fault(error.faults[field] ?? '', text)]))
      : copy
        ? {}
        : Object.fromEntries((trigger?.broken ?? []).map((one) => [one.field, words.fault(one.code, one.message, one.name)]))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await save(copy ? undefined : trigger?.id, bodyOf(rule))
      notify.done(t('state.saved'))
      await navigate('/admin/triggers')
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page
      title={trigger && !copy ? trigger.title : t('trigger.new')}
      back={{ to: '/admin/triggers', label: t('admin.triggers') }}
    >
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Card className={styles.card}>
          <Field label={t('trigger.title')} required validationMessage={faults.title}>
            <Input
              value={rule.title}
              autoFocus={!trigger}
              onChange={(_, data) => setRule({ ...rule, title: data.value })}
            />
          </Field>
          <Field label={t('trigger.description')} validationMessage={faults.description}>
            <Textarea
              rows={2}
              value={rule.description}
              onChange={(_, data) => setRule({ ...rule, description: data.value })}
            />
          </Field>
          <Switch
            checked={rule.active}
            label={rule.active ? t('trigger.on') : t('trigger.off')}
            onChange={(_, data) => setRule({ ...rule, active: data.checked })}
          />
        </Card>
        <Card className={styles.card}>
          <LineList
            heading={t('trigger.all')}
            hint={t('trigger.all_hint')}
            path="conditions.all"
            lines={rule.all}
            definitions={known.conditions_all}
            placeholders={known.placeholders}
            faults={{ ...faults, 'conditions.all': faults.conditions ?? '' }}
            onLines={(all) => setRule({ ...rule, all })}
          />
          <LineList
            heading={t('trigger.any')}
            hint={t('trigger.any_hint')}
            path="conditions.any"
            lines={rule.any}
            definitions={known.conditions_any}
            placeholders={known.placeholders}
            faults={faults}
            onLines={(any) => setRule({ ...rule, any })}
          />
        </Card>
        <Card className={styles.card}>
          <LineList
            heading={t('trigger.actions')}
            path="actions"
            lines={rule.actions}
            definitions={known.actions}
            placeholders={known.placeholders}
            faults={faults}
            actions
            onLines={(actions) => setRule({ ...rule, actions })}
          />
        </Card>
        <ProblemBar error={error} />
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={busy || !rule.title.trim()}>
            {t('action.save')}
          </Button>
          <Button onClick={() => void navigate('/admin/triggers')}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Page>
  )
}
