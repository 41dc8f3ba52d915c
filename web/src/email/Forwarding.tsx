import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Button,
  Card,
  Field,
  makeStyles,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Address, Forwarding } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { SyncIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { SecretField } from '../ui/SecretField'
import { StatusMark, type Tone } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { useForwarding, useRoutes } from './forwardingQueries'

const systems = ['exchange', 'google', 'postfix', 'other'] as const

const tones: Record<Forwarding['state'], Tone> = { waiting: 'busy', verified: 'ok', failed: 'error' }

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
  dim: { color: tokens.colorNeutralForeground3 },
})

/** Where to forward to, how to set it up, and whether mail has come. */
export function ForwardingCard({ address, forwarding }: { address: Address; forwarding: Forwarding }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { data: settings } = useForwarding()
  const { verify, renew } = useRoutes()
  const [busy, setBusy] = useState(false)
  const [renewing, setRenewing] = useState(false)
  const closing = forwarding.closes_at !== null

  const begin = () => {
    setBusy(true)
    verify(address.id)
      .then(() => notify.done(t('forwarding.verifying', { address: address.email })), notify.failed)
      .finally(() => setBusy(false))
  }

  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('forwarding.title')}</Subtitle2>
      {closing ? (
        <Text>
          {t('forwarding.closing')} <Time at={forwarding.closes_at} />
        </Text>
      ) : (
        <Arrival forwarding={forwarding} address={address.email} />
      )}
      <Field label={t('forwarding.address')} hint={t('forwarding.address_hint')}>
        <SecretField value={forwarding.address} label={t('forwarding.address')} />
      </Field>
      <Facts
        facts={[
          settings?.listen ? [t('forwarding.server'), <code>{settings.listen}</code>] : null,
          forwarding.verified_at ? [t('forwarding.verified_at'), <Time at={forwarding.verified_at} />] : null,
          [t('forwarding.last_mail'), <Time at={forwarding.last_mail_at} />],
          forwarding.former_until ? [t('forwarding.former_until'), <Time at={forwarding.former_until} />] : null,
          settings && !closing && [
            t('forwarding.replies'),
            <StatusMark tone={settings.relay ? 'ok' : 'warning'}>
              {settings.relay ? t('forwarding.relay') : t('forwarding.no_relay')}
            </StatusMark>,
          ],
        ]}
      />
      {!closing && (
        <>
          <Accordion collapsible defaultOpenItems={forwarding.state === 'verified' ? [] : ['exchange']}>
            {systems.map((system) => (
              <AccordionItem key={system} value={system}>
                <AccordionHeader as="h3">{t(`forwarding.system.${system}`)}</AccordionHeader>
                <AccordionPanel>
                  <Steps system={system} />
                </AccordionPanel>
              </AccordionItem>
            ))}
          </Accordion>
          <div className={styles.buttons}>
            <Button appearance="primary" icon={<SyncIcon />} disabled={busy} onClick={begin}>
              {t('forwarding.verify')}
            </Button>
            <Button onClick={() => setRenewing(true)}>{t('forwarding.renew')}</Button>
          </div>
        </>
      )}
      {renewing && (
        <ConfirmDialog
          title={t('forwarding.renew_title')}
          confirm={t('forwarding.renew')}
          onConfirm={async () => {
            await renew(address.id)
            notify.done(t('forwarding.renewed'))
          }}
          onClose={() => setRenewing(false)}
        >
          <Text block>{t('forwarding.renew_what')}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )
}

/** Whether forwarded mail arrives, as far as is known. */
function Arrival({ forwarding, address }: { forwarding: Forwarding; address: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  if (forwarding.state === 'failed' && forwarding.error) return <ProblemBar error={problemOf(forwarding.error)} />
  return (
    <div aria-live="polite">
      <StatusMark tone={tones[forwarding.state]}>{t(`forwarding.state.${forwarding.state}`)}</StatusMark>
      <Text block size={200} className={styles.dim}>
        {forwarding.verifying_at ? (
          <>
            {t('forwarding.under_way', { address })} <Time at={forwarding.verifying_at} />
          </>
        ) : forwarding.by_hand ? (
          t('forwarding.by_hand', { address })
        ) : (
          t('forwarding.watched')
        )}
      </Text>
    </div>
  )
}

/** What to do in a mail system, one step a line. */
function Steps({ system }: { system: (typeof systems)[number] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <ol className={styles.list}>
      {t(`forwarding.steps.${system}`)
        .split('\n')
        .map((step) => (
          <li key={step}>{step}</li>
        ))}
    </ol>
  )
}
