import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarGroup,
  MessageBarTitle,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useNavigate } from 'react-router'
import { Problem } from '../api/problem'
import type { Attention, Overview } from '../api/types'
import { duration } from '../i18n/format'
import { AddIcon, AddressIcon, OkIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { useProblemWords } from '../ui/problems'
import { Empty, Loaded, Loading } from '../ui/states'
import { Sparkline } from '../ui/Sparkline'
import { Time } from '../ui/Time'
import { ConnectionStatus } from './ConnectionStatus'
import { useOverview } from './queries'

const useStyles = makeStyles({
  heading: { display: 'block', marginBottom: tokens.spacingVerticalM },
  tiles: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(280px, 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  tile: { gap: tokens.spacingVerticalS, padding: tokens.spacingHorizontalL },
  tileHead: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  link: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
  figures: { display: 'flex', justifyContent: 'space-between', gap: tokens.spacingHorizontalM, flexWrap: 'wrap' },
  figure: { display: 'flex', flexDirection: 'column' },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  number: {
    fontSize: tokens.fontSizeBase500,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
    lineHeight: tokens.lineHeightBase500,
  },
  well: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalM, padding: tokens.spacingHorizontalL },
  wellIcon: {
    color: tokens.colorPaletteGreenForeground1,
    flexShrink: 0,
    display: 'inline-flex',
    '& > svg': { width: '28px', height: '28px' },
  },
  sums: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(130px, 1fr))',
    gap: tokens.spacingHorizontalL,
  },
})

/** The admin centre's first page: is anything wrong? */
export function Home() {
  const { t } = useTranslation()
  const overview = useOverview()
  return (
    <Page title={t('home.title')}>
      <Loaded query={overview} loading={<Loading rows={4} height={64} />}>
        {(data) => <Content overview={data} />}
      </Loaded>
    </Page>
  )
}

function Content({ overview }: { overview: Overview }) {
  const { t } = useTranslation()
  const styles = useStyles()
  // That nothing is connected yet is said below, where it is done.
  const attention = overview.attention.filter(({ code }) => code !== 'no_address')
  return (
    <>
      <section aria-label={t('home.attention')}>
        {attention.length === 0 ? (
          <AllWell overview={overview} />
        ) : (
          <MessageBarGroup>
            {attention.map((one, i) => (
              <AttentionBar key={`${one.code}-${i}`} attention={one} />
            ))}
          </MessageBarGroup>
        )}
      </section>
      <section>
        <Subtitle2 as="h2" className={styles.heading}>
          {t('home.connections')}
        </Subtitle2>
        {overview.connections.length === 0 ? (
          <NoConnection />
        ) : (
          <div className={styles.tiles}>
            {overview.connections.map((connection) => (
              <Tile key={connection.id} connection={connection} />
            ))}
          </div>
        )}
      </section>
      <Sums overview={overview} />
      <Text size={200} className={styles.dim}>
        {t('home.version', { version: overview.version, database: t(`home.database.${overview.database}`) })}
      </Text>
    </>
  )
}

function AllWell({ overview }: { overview: Overview }) {
  const { t } = useTranslation()
  const styles = useStyles()
  if (overview.connections.length === 0) return null
  return (
    <Card className={styles.well} orientation="horizontal">
      <span className={styles.wellIcon} aria-hidden>
        <OkIcon />
      </span>
      <div>
        <Text weight="semibold" block>
          {t('home.well')}
        </Text>
        <Text>{t('home.well_why', { count: overview.connections.length })}</Text>
      </div>
    </Card>
  )
}

/** One thing that needs a person, in a sentence, with the button that leads to its remedy. */
function AttentionBar({ attention }: { attention: Attention }) {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const problemWords = useProblemWords()
  const own = (part: 'message' | 'remedy' | 'action'): string | undefined => {
    const key = `attention.${attention.code}.${part}`
    const facts = { ...attention.args, count: attention.count }
    return i18n.exists(key, facts) ? String(t(key as never, facts as never)) : undefined
  }
  const { message, remedy, side } = problemWords(new Problem(attention))
  const address = attention.args.address ?? attention.args.tenant
  const whole = address ? t('home.about', { address, message }) : message
  return (
    <MessageBar intent={attention.severity} layout="auto">
      <MessageBarBody>
        <MessageBarTitle>{own('message') ?? whole}</MessageBarTitle> {own('remedy') ?? remedy} {side}
      </MessageBarBody>
      {attention.link && (
        <MessageBarActions>
          <Button size="small" appearance="primary" onClick={() => void navigate(attention.link)}>
            {own('action') ?? t('home.look')}
          </Button>
        </MessageBarActions>
      )}
    </MessageBar>
  )
}

function NoConnection() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <Card>
      <Empty
        icon={<AddressIcon />}
        title={t('addresses.none')}
        action={
          <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate('/admin/email/new')}>
            {t('addresses.add')}
          </Button>
        }
      >
        {t('addresses.none_hint')}
      </Empty>
    </Card>
  )
}

function Tile({ connection }: { connection: Overview['connections'][number] }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const lag = connection.figures.lag_median_ms
  const worst = Math.max(0, ...connection.activity.map((hour) => hour.lag_median_ms))
  const received = connection.activity.reduce((sum, hour) => sum + hour.received, 0)
  return (
    <Card className={styles.tile}>
      <div className={styles.tileHead}>
        <RouterLink className={styles.link} to={`/admin/email/addresses/${connection.address_id}`}>
          {connection.email}
        </RouterLink>
        <ConnectionStatus connection={connection} />
      </div>
      <div>
        <Sparkline
          values={connection.activity.map((hour) => hour.lag_median_ms)}
          label={t('home.lag_spark', { time: duration(worst, i18n.language) })}
        />
        <span className={styles.dim}>
          {worst > 0
            ? t('home.lag_spark', { time: duration(worst, i18n.language) })
            : t('home.spark', { count: received })}
        </span>
      </div>
      <div className={styles.figures}>
        <Figure label={t('address.lag')}>{lag > 0 ? duration(lag, i18n.language) : '–'}</Figure>
        <Figure label={t('address.last_mail')}>
          <Time at={connection.last_mail_at} />
        </Figure>
        <Figure label={t('address.mode')}>{t(`mode.${connection.mode}`)}</Figure>
      </div>
    </Card>
  )
}

function Figure({ label, children }: { label: string; children: React.ReactNode }) {
  const styles = useStyles()
  return (
    <div className={styles.figure}>
      <span className={styles.dim}>{label}</span>
      <span>{children}</span>
    </div>
  )
}

/** The figures of the last day, each leading to what it counts. */
function Sums({ overview }: { overview: Overview }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const sums = [
    { label: t('home.received'), value: overview.mail.received_24h, to: '/admin/mail?direction=in' },
    { label: t('home.sent'), value: overview.mail.sent_24h, to: '/admin/mail?direction=out' },
    { label: t('home.quarantined'), value: overview.mail.quarantined, to: '/admin/mail?state=quarantined' },
    { label: t('home.failed'), value: overview.mail.failed, to: '/admin/mail?state=failed' },
    { label: t('home.jobs_waiting'), value: overview.jobs.waiting, to: '/admin/jobs?state=waiting' },
    { label: t('home.jobs_dead'), value: overview.jobs.dead, to: '/admin/jobs' },
  ]
  return (
    <Card className={styles.tile}>
      <div className={styles.sums}>
        {sums.map(({ label, value, to }) => (
          <RouterLink key={to + label} to={to} className={styles.link}>
            <span className={styles.number}>{value.toLocaleString(i18n.language)}</span>
            <br />
            <span className={styles.dim}>{label}</span>
          </RouterLink>
        ))}
      </div>
    </Card>
  )
}
