import {
  Button,
  Card,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  SpinButton,
  type SpinButtonOnChangeData,
  Subtitle2,
  Switch,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { AttachmentSettings } from '../api/types'
import { fileSize } from '../i18n/format'
import { Facts } from '../ui/Facts'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { StatusMark } from '../ui/StatusMark'
import { useAttachmentSettings, useAttachmentSettingsActions } from './files'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  number: { maxWidth: '160px' },
  button: { alignSelf: 'flex-start' },
})

/** As configurations and Exchange count them. */
const megabyte = 1 << 20

/** What applies to files and images: links, virus scanning, remote images. */
export function AttachmentRules() {
  const { t } = useTranslation()
  const settings = useAttachmentSettings()
  return (
    <Page title={t('admin.attachments')} lead={t('attachment_rules.lead')} slim>
      <Loaded query={settings}>
        {(now) => (
          <>
            <ScannerCard settings={now} />
            <RulesCard key={JSON.stringify(now)} settings={now} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function RulesCard({ settings }: { settings: AttachmentSettings }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { save } = useAttachmentSettingsActions()
  const notify = useNotify()
  const [above, setAbove] = useState(Math.round(settings.link_above / megabyte))
  const [days, setDays] = useState(settings.link_days)
  const [hold, setHold] = useState(settings.hold_unscanned)
  const [images, setImages] = useState(settings.remote_images)
  const [error, setError] = useState<unknown>()
  const unchanged =
    above * megabyte === settings.link_above &&
    days === settings.link_days &&
    hold === settings.hold_unscanned &&
    images === settings.remote_images

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await save({ link_above: above * megabyte, link_days: days, hold_unscanned: hold, remote_images: images })
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  const number = (set: (value: number) => void) => (_: unknown, data: SpinButtonOnChangeData) => {
    const value = data.value ?? Number.parseInt(data.displayValue ?? '', 10)
    if (Number.isFinite(value)) set(value)
  }

  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Subtitle2 as="h2">{t('attachment_rules.links')}</Subtitle2>
        <ProblemBar error={error} />
        {!settings.links_possible && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{t('attachment_rules.no_public_address')}</MessageBarBody>
          </MessageBar>
        )}
        <Field label={t('attachment_rules.link_above')} hint={t('attachment_rules.link_above_hint')}>
          <SpinButton className={styles.number} value={above} min={1} max={150} onChange={number(setAbove)} />
        </Field>
        <Field label={t('attachment_rules.link_days')} hint={t('attachment_rules.link_days_hint')}>
          <SpinButton className={styles.number} value={days} min={1} max={365} onChange={number(setDays)} />
        </Field>
        <Subtitle2 as="h2">{t('attachment_rules.incoming')}</Subtitle2>
        <Facts
          facts={[
            [t('attachment_rules.max_mail'), fileSize((settings.max_mail_size / megabyte) * 1e6, i18n.language)],
          ]}
        />
        <Field hint={t('attachment_rules.hold_hint')}>
          <Switch label={t('attachment_rules.hold')} checked={hold} onChange={(_, data) => setHold(data.checked)} />
        </Field>
        <Field hint={t('attachment_rules.images_hint')}>
          <Switch
            label={t('attachment_rules.images')}
            checked={images}
            onChange={(_, data) => setImages(data.checked)}
          />
        </Field>
        <Button type="submit" appearance="primary" className={styles.button} disabled={unchanged}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}

/** Whether the virus scanner is there, and what it has found. */
function ScannerCard({ settings: { scanner } }: { settings: AttachmentSettings }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const state = !scanner.configured ? 'off' : scanner.answers ? 'answers' : 'away'
  const tone = ({ off: 'neutral', answers: 'ok', away: 'error' } as const)[state]
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('attachment_rules.scanner')}</Subtitle2>
      <StatusMark tone={tone}>{t(`attachment_rules.scanner_${state}`)}</StatusMark>
      {scanner.configured && (
        <Facts
          facts={[
            scanner.version ? [t('attachment_rules.version'), scanner.version] : null,
            [t('attachment_rules.waiting'), t('attachment_rules.files', { count: scanner.waiting })],
            [t('attachment_rules.failed'), t('attachment_rules.files', { count: scanner.failed })],
            [t('attachment_rules.malware'), t('attachment_rules.files', { count: scanner.malware })],
          ]}
        />
      )}
    </Card>
  )
}
