import {
  Button,
  Card,
  Field,
  makeStyles,
  Select,
  SpinButton,
  Subtitle2,
  Switch,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { MailSettings } from '../api/types'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { SenderList } from './SenderList'
import { useMailSettings, useSuspendedActions } from './suspendedQueries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
  number: { width: '140px' },
})

const treated = ['forged', 'no_reply', 'automatic'] as const
const treatments = ['suspend', 'accept'] as const
const bulkTreatments = ['newsletters', 'all', 'accept'] as const
const numbers = [
  { name: 'hourly_limit', min: 0, max: 10_000 },
  { name: 'max_recipients', min: 0, max: 10_000 },
  { name: 'retention_days', min: 1, max: 3650 },
] as const

/** What suspends mail, whom it spares, and how long suspended mail is kept. */
export function MailRules() {
  const { t } = useTranslation()
  const settings = useMailSettings()
  return (
    <Page
      slim
      title={t('admin.rules')}
      lead={t('mail_rules.lead')}
      back={{ to: '/admin/suspended', label: t('admin.suspended') }}
    >
      <Loaded query={settings}>{(data) => <SettingsForm key={data.updated_at ?? ''} settings={data} />}</Loaded>
      <SenderList list="allow" />
      <SenderList list="block" />
      <SenderList list="unlimited" />
    </Page>
  )
}

function SettingsForm({ settings }: { settings: MailSettings }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { changeSettings } = useSuspendedActions()
  const [wish, setWish] = useState(settings)
  const [error, setError] = useState<unknown>()
  const change = (part: Partial<MailSettings>) => setWish((old) => ({ ...old, ...part }))
  const unchanged = JSON.stringify(wish) === JSON.stringify(settings)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      const { updated_at: _, ...rest } = wish
      await changeSettings(rest)
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }

  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('mail_rules.what')}</Subtitle2>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        {treated.map((kind) => (
          <Field key={kind} label={t(`mail_rules.${kind}`)} hint={t(`mail_rules.${kind}_hint`)}>
            <Select value={wish[kind]} onChange={(_, { value }) => change({ [kind]: value })}>
              {treatments.map((treatment) => (
                <option key={treatment} value={treatment}>
                  {t(`mail_rules.treatment.${treatment}`)}
                </option>
              ))}
            </Select>
          </Field>
        ))}
        <Field label={t('mail_rules.bulk')} hint={t('mail_rules.bulk_hint')}>
          <Select
            value={wish.bulk}
            onChange={(_, { value }) => change({ bulk: bulkTreatments.find((one) => one === value) })}
          >
            {bulkTreatments.map((treatment) => (
              <option key={treatment} value={treatment}>
                {t(`mail_rules.bulk_treatment.${treatment}`)}
              </option>
            ))}
          </Select>
        </Field>
        {numbers.map(({ name, min, max }) => (
          <Field key={name} label={t(`mail_rules.${name}`)} hint={t(`mail_rules.${name}_hint`)}>
            <SpinButton
              className={styles.number}
              min={min}
              max={max}
              value={wish[name]}
              onChange={(_, { value, displayValue }) => {
                const number = value ?? Number(displayValue)
                if (Number.isInteger(number)) change({ [name]: number })
              }}
            />
          </Field>
        ))}
        <Switch
          checked={wish.digest}
          onChange={(_, { checked }) => change({ digest: checked })}
          label={t('mail_rules.digest')}
        />
        <ProblemBar error={error} />
        <Button className={styles.button} type="submit" appearance="primary" disabled={unchanged}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}
