import { Button, Card, Field, Input, makeStyles, Switch, Text, Textarea, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router'
import { Problem } from '../../api/problem'
import type { Macro, Restriction, TriggerDefinition } from '../../api/types'
import { AudienceField, restrictionOf, sentRestriction } from '../AudienceField'
import { LineList } from '../trigger/LineList'
import { actionLinesOf, actionsOf, type Line } from '../trigger/rule'
import { useTriggerWords } from '../trigger/words'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { Loaded } from '../../ui/states'
import { useMacro, useMacroActions, useMacroDefinitions } from './queries'
import { shownTitle } from './title'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  placeholders: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
})

/** One macro, a new one, or the copy of one, to be edited. */
export function MacroPage() {
  const { id } = useParams()
  const [search] = useSearchParams()
  const fresh = id === 'new'
  const source = Number(fresh ? search.get('copy') : id)
  const definitions = useMacroDefinitions()
  const macro = useMacro(source, source > 0)
  return (
    <Loaded query={definitions}>
      {(known) =>
        source > 0 ? (
          <Loaded query={macro}>{(data) => <Editor key={`${id} ${data.updated_at}`} known={known} macro={data} copy={fresh} />}</Loaded>
        ) : (
          <Editor known={known} />
        )
      }
    </Loaded>
  )
}

function Editor({
  known,
  macro,
  copy,
}: {
  known: { actions: TriggerDefinition[]; placeholders: string[] }
  macro?: Macro
  copy?: boolean
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const words = useTriggerWords()
  const { save } = useMacroActions()
  const admin = useLocation().pathname.startsWith('/admin')
  const back = admin ? '/admin/macros' : '/macros'
  const [title, setTitle] = useState(macro ? (copy ? t('trigger.copy_of', { title: macro.title }) : macro.title) : '')
  const [description, setDescription] = useState(macro?.description ?? '')
  const [active, setActive] = useState(macro?.active ?? true)
  const [restriction, setRestriction] = useState<Restriction | null>(macro && (admin || !copy) ? restrictionOf(macro) : admin ? null : { type: 'User' })
  const [actions, setActions] = useState<Line[]>(() => actionLinesOf(macro?.actions ?? []))
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const faults =
    error instanceof Problem
      ? Object.fromEntries(Object.entries(error.fields).map(([field, text]) => [field, words.fault(error.faults[field] ?? '', text)]))
      : Object.fromEntries((macro?.broken ?? []).map((one) => [one.field, words.fault(one.code, one.message, one.name)]))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await save(copy ? undefined : macro?.id, { title, description, active, restriction: sentRestriction(restriction), actions: actionsOf(actions) })
      notify.done(t('state.saved'))
      await navigate(back)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page
      title={macro && !copy ? shownTitle(macro) : t('macro.new')}
      back={{ to: back, label: admin ? t('admin.macros') : t('macro.own') }}
    >
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Card className={styles.card}>
          <Field label={t('trigger.title')} required hint={t('macro.title_hint')} validationMessage={faults.title}>
            <Input value={title} autoFocus={!macro} onChange={(_, data) => setTitle(data.value)} />
          </Field>
          <Field label={t('trigger.description')} validationMessage={faults.description}>
            <Textarea rows={2} value={description} onChange={(_, data) => setDescription(data.value)} />
          </Field>
          {admin && <AudienceField value={restriction} onValue={setRestriction} />}
          <Switch checked={active} label={active ? t('trigger.on') : t('trigger.off')} onChange={(_, data) => setActive(data.checked)} />
        </Card>
        <Card className={styles.card}>
          <LineList
            heading={t('macro.actions')}
            hint={t('macro.actions_hint')}
            path="actions"
            lines={actions}
            definitions={known.actions}
            placeholders={known.placeholders}
            faults={faults}
            actions
            onLines={setActions}
          />
          <Text size={200} className={styles.placeholders}>
            {t('macro.placeholders')} {known.placeholders.map((name) => `{{${name}}}`).join(' ')}
          </Text>
        </Card>
        <ProblemBar error={error} />
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={busy || !title.trim()}>
            {t('action.save')}
          </Button>
          <Button onClick={() => void navigate(back)}>{t('action.cancel')}</Button>
        </div>
      </form>
    </Page>
  )
}
