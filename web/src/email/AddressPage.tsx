import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams, useSearchParams } from 'react-router'
import type { Address, Connection, Import } from '../api/types'
import { duration } from '../i18n/format'
import { SyncIcon } from '../ui/icons'
import { Facts } from '../ui/Facts'
import { medium } from '../ui/layout'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { Loaded, Loading } from '../ui/states'
import { Sparkline } from '../ui/Sparkline'
import { StatusMark } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { AccessCard } from './AccessCard'
import { AddressActions } from './AddressActions'
import { AddressSettings } from './AddressSettings'
import { ConnectionStatus } from './ConnectionStatus'
import { ConnectionTrouble } from './ConnectionTrouble'
import { ImportCard } from './ImportCard'
import { useActivity, useAddress, useEmail } from './queries'
import { ReadingSettings } from './ReadingSettings'

const useStyles = makeStyles({
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
    gap: tokens.spacingHorizontalL,
    alignItems: 'start',
    [medium]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  column: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL, minWidth: 0 },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  dim: { color: tokens.colorNeutralForeground3 },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** One support address: how it stands, and everything that can be done with it. */
export function AddressPage() {
  const { t } = useTranslation()
  const { id } = useParams()
  const address = useAddress(Number(id))
  return (
    <Loaded query={address} loading={<Loading rows={8} height={32} />}>
      {(data) => (
        <Page
          title={data.email}
          lead={<ConnectionStatus connection={data.connection} />}
          back={{ to: '/admin/email', label: t('admin.email') }}
          actions={<AddressActions address={data} />}
        >
          <Content address={data} />
        </Page>
      )}
    </Loaded>
  )
}

function Content({ address }: { address: Address }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search] = useSearchParams()
  const connection = address.connection
  return (
    <>
      {search.get('connected') && connection?.status !== 'error' && (
        <MessageBar intent="success" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t('address.connected', { address: address.email })}</MessageBarTitle>{' '}
            {t('address.connected_next')}
          </MessageBarBody>
        </MessageBar>
      )}
      {connection && <ConnectionTrouble connection={connection} />}
      {connection?.import && isNews(connection.import) && <ImportCard connection={connection} />}
      <div className={styles.columns}>
        <div className={styles.column}>
          {connection && <Figures connection={connection} aliases={address.aliases} />}
          {connection && <Completeness connection={connection} />}
        </div>
        <div className={styles.column}>
          <AddressSettings key={address.id} address={address} />
          {connection && (
            <ReadingSettings
              key={`${connection.folder} ${connection.subfolders} ${connection.afterwards}`}
              connection={connection}
            />
          )}
          {connection && <AccessCard connection={connection} />}
        </div>
      </div>
    </>
  )
}

/** An import is worth a line while it runs or needs somebody, and for a day after it ended well. */
const isNews = ({ state, finished_at }: Import) =>
  state !== 'completed' || finished_at === null || Date.now() - Date.parse(finished_at) < 24 * 3600_000

/** How mail comes and goes at the moment. */
function Figures({ connection, aliases }: { connection: Connection; aliases: string[] }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { data: activity } = useActivity(connection.id)
  const { figures } = connection
  const number = (value: number) => value.toLocaleString(i18n.language)
  const time = (value: number) => duration(value, i18n.language)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('address.traffic')}</Subtitle2>
      {activity && (
        <div>
          <Sparkline
            values={activity.map((hour) => hour.received)}
            label={t('home.spark', { count: figures.received_24h })}
          />
          <Text size={200} className={styles.dim}>
            {t('home.spark', { count: figures.received_24h })}
          </Text>
        </div>
      )}
      <Facts
        facts={[
          aliases.length > 0 ? [t('address.aliases'), aliases.join(', ')] : null,
          [t('address.last_mail'), <Time at={connection.last_mail_at} />],
          [
            t('address.lag'),
            figures.lag_median_ms > 0
              ? t('address.lag_both', { median: time(figures.lag_median_ms), worst: time(figures.lag_p99_ms) })
              : '–',
          ],
          [t('address.mode'), <Mode connection={connection} />],
          connection.mode === 'push' && connection.subscription_expires_at
            ? [t('address.subscription'), <Time at={connection.subscription_expires_at} />]
            : null,
          connection.notified_at ? [t('address.notified'), <Time at={connection.notified_at} />] : null,
          connection.push_late_at ? [t('address.push_late'), <Time at={connection.push_late_at} />] : null,
          [t('address.synced'), <Time at={connection.synced_at} />],
          [t('address.next_sync'), <Time at={connection.next_sync_at} />],
          [t('address.backlog'), t('address.mails', { count: figures.backlog })],
          [t('address.unfiled'), t('address.mails', { count: figures.unfiled })],
          [t('address.quarantined'), t('address.mails', { count: figures.quarantined })],
          [t('address.waiting'), t('address.mails', { count: figures.waiting + figures.failed })],
          [t('address.sent_24h'), t('address.mails', { count: figures.sent_24h })],
          [t('address.requests'), number(figures.requests_last_hour)],
        ]}
      />
    </Card>
  )
}

function Mode({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <>
      {t(`mode.${connection.mode}`)}
      <Text size={200} block className={styles.dim}>
        {connection.push_error || t(`mode.why.${connection.mode_reason}`)}
      </Text>
    </>
  )
}

/** Whether every mail of the mailbox is in the ledger. */
function Completeness({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { reconcile, sync } = useEmail()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const missing = connection.reconcile_found
  const act = (work: (id: number) => Promise<void>, sentence: string) => {
    setBusy(true)
    work(connection.id)
      .then(() => notify.done(sentence), notify.failed)
      .finally(() => setBusy(false))
  }
  const off = busy || connection.status === 'disconnected'
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('reconcile.title')}</Subtitle2>
      <Text>{t('reconcile.why')}</Text>
      {connection.reconciled_at ? (
        <StatusMark tone={missing === 0 ? 'ok' : 'warning'}>
          {missing === 0 ? t('reconcile.complete') : t('reconcile.found', { count: missing })} ·{' '}
          <Time at={connection.reconciled_at} />
        </StatusMark>
      ) : (
        <StatusMark tone="neutral">{t('reconcile.never')}</StatusMark>
      )}
      <div className={styles.buttons}>
        <Button icon={<SyncIcon />} disabled={off} onClick={() => act(sync, t('address.sync_begun'))}>
          {t('address.sync')}
        </Button>
        <Button disabled={off} onClick={() => act(reconcile, t('reconcile.begun'))}>
          {t('reconcile.now')}
        </Button>
      </div>
    </Card>
  )
}
