import {
  Button,
  Card,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Radio,
  RadioGroup,
  Select,
  Subtitle2,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { TriggerTest, TriggerTestBody } from '../../api/types'
import { usePeopleNamed } from '../../directory/queries'
import { isCause } from '../../email/causes'
import { useMails } from '../../email/queries'
import { TestIcon } from '../../ui/icons'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { TabLinks } from '../../ui/TabLinks'
import { EventLine } from './EventLine'
import { peopleIn } from './happened'
import { testTriggers } from './queries'
import { Trial } from './Trial'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  number: { maxWidth: '200px' },
  raw: { fontFamily: tokens.fontFamilyMonospace },
  run: { alignSelf: 'flex-start' },
  results: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
})

const sources = ['ticket', 'mail', 'raw'] as const
type Source = (typeof sources)[number]

/** Shows what each trigger would do with a ticket or a mail, and why. Nothing is written. */
export function TriggerBench() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search] = useSearchParams()
  const source = sources.find((one) => one === search.get('with')) ?? 'ticket'
  const [test, setTest] = useState<TriggerTest>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const run = async (body: TriggerTestBody) => {
    setBusy(true)
    setError(undefined)
    try {
      setTest(await testTriggers(body))
    } catch (thrown) {
      setTest(undefined)
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Page
      title={t('bench.title')}
      lead={t('bench.lead')}
      back={{ to: '/admin/triggers', label: t('admin.triggers') }}
    >
      <Card className={styles.card}>
        <TabLinks
          label={t('bench.with')}
          here={source}
          tabs={sources.map((id) => ({ id, to: `?with=${id}`, name: t(`bench.source.${id}`) }))}
        />
        <Question key={source} source={source} busy={busy} onRun={(body) => void run(body)} />
        <ProblemBar error={error} />
      </Card>
      {test && <Results test={test} />}
    </Page>
  )
}

function Question({ source, busy, onRun }: { source: Source; busy: boolean; onRun: (body: TriggerTestBody) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [ticket, setTicket] = useState('')
  const [kind, setKind] = useState<'Create' | 'Change'>('Create')
  const [mail, setMail] = useState('')
  const [raw, setRaw] = useState('')
  const body: Record<Source, TriggerTestBody | false> = {
    ticket: /^\d+$/.test(ticket.trim()) && { ticket_id: Number(ticket), update_type: kind },
    mail: mail !== '' && { mail_id: Number(mail) },
    raw: raw.trim() !== '' && { mail: raw },
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (body[source]) onRun(body[source])
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      {source === 'ticket' && (
        <>
          <Field label={t('bench.ticket')} className={styles.number}>
            <Input inputMode="numeric" value={ticket} onChange={(_, data) => setTicket(data.value.replace('#', ''))} />
          </Field>
          <Field label={t('bench.kind')}>
            <RadioGroup value={kind} onChange={(_, data) => setKind(data.value as typeof kind)}>
              <Radio value="Create" label={t('bench.create')} />
              <Radio value="Change" label={t('bench.change')} />
            </RadioGroup>
          </Field>
        </>
      )}
      {source === 'mail' && <PastMail value={mail} onValue={setMail} />}
      {source === 'raw' && (
        <Field label={t('bench.raw')} hint={t('bench.raw_hint')}>
          <Textarea
            className={styles.raw}
            rows={10}
            resize="vertical"
            value={raw}
            onChange={(_, data) => setRaw(data.value)}
          />
        </Field>
      )}
      <Button
        type="submit"
        appearance="primary"
        icon={<TestIcon />}
        className={styles.run}
        disabled={busy || !body[source]}
      >
        {t('bench.run')}
      </Button>
    </form>
  )
}

function PastMail({ value, onValue }: { value: string; onValue: (mail: string) => void }) {
  const { t } = useTranslation()
  const mails = useMails({ direction: 'in' }, 1)
  return (
    <Field label={t('bench.mail')} hint={t('bench.mail_hint')}>
      <Select value={value} onChange={(_, data) => onValue(data.value)}>
        <option value="">{t('trigger.choose')}</option>
        {mails.data?.mail.map((mail) => (
          <option key={mail.id} value={mail.id}>
            {`${mail.subject || t('ticket.no_subject')} (${mail.from.name || mail.from.email})`}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function Results({ test }: { test: TriggerTest }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const names = usePeopleNamed(peopleIn([...test.changes, ...test.triggers.flatMap(({ events }) => events)]))
  const fired = test.triggers.filter((one) => one.order !== null)
  return (
    <section className={styles.results} aria-label={t('bench.results')} aria-live="polite">
      <Card className={styles.card}>
        <Subtitle2 as="h2">
          {test.update_type === 'Create' ? t('bench.would_create', { subject: test.subject }) : t('bench.would_change', { ticket: test.ticket_id, subject: test.subject })}
        </Subtitle2>
        {test.suspended && (
          <MessageBar intent="warning">
            <MessageBarBody>
              {t('bench.suspended', { cause: isCause(test.suspended) ? t(`cause.${test.suspended}`) : test.suspended })}
            </MessageBarBody>
          </MessageBar>
        )}
        <Text>{t('bench.would_fire', { count: fired.length })}</Text>
        {test.changes.length > 0 && (
          <ul className={styles.list} aria-label={t('bench.changes')}>
            {test.changes.map((event) => (
              <li key={event.id}>
                <EventLine event={event} names={names} />
              </li>
            ))}
          </ul>
        )}
      </Card>
      {test.triggers.map((trial) => (
        <Trial key={trial.id} trial={trial} names={names} />
      ))}
    </section>
  )
}
