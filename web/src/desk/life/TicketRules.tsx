import { Button, Card, Field, makeStyles, Radio, RadioGroup, SpinButton, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { Loaded } from '../../ui/states'
import { useTicketLife, useTicketSettings } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  number: { maxWidth: '160px' },
  button: { alignSelf: 'flex-start' },
})

const usual = 4

/** What applies to the life of tickets: when solved ones close. */
export function TicketRules() {
  const { t } = useTranslation()
  const settings = useTicketSettings()
  return (
    <Page title={t('admin.ticket_rules')} lead={t('ticket_rules.lead')} slim>
      <Loaded query={settings}>{(now) => <Closing key={now.close_after_days} days={now.close_after_days} />}</Loaded>
    </Page>
  )
}

function Closing({ days: before }: { days: number }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { saveSettings } = useTicketLife()
  const notify = useNotify()
  const [closes, setCloses] = useState(before > 0)
  const [days, setDays] = useState(before || usual)
  const [error, setError] = useState<unknown>()
  const wanted = closes ? days : 0

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await saveSettings(wanted)
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Field label={t('ticket_rules.closing')} hint={t('ticket_rules.closing_hint')}>
          <RadioGroup value={closes ? 'yes' : 'no'} onChange={(_, { value }) => setCloses(value === 'yes')}>
            <Radio value="yes" label={t('ticket_rules.closes')} />
            <Radio value="no" label={t('ticket_rules.never')} />
          </RadioGroup>
        </Field>
        {closes && (
          <Field label={t('ticket_rules.days')}>
            <SpinButton
              className={styles.number}
              min={1}
              max={365}
              value={days}
              onChange={(_, data) => {
                const value = data.value ?? Number.parseInt(data.displayValue ?? '', 10)
                if (Number.isFinite(value)) setDays(value)
              }}
            />
          </Field>
        )}
        <ProblemBar error={error} />
        <Button type="submit" appearance="primary" className={styles.button} disabled={wanted === before}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}
