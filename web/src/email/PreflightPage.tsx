import { Button, Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { problemOf } from '../api/problem'
import type { Address, Check, Preflight } from '../api/types'
import { CopyIcon, SyncIcon, TestIcon } from '../ui/icons'
import { Facts } from '../ui/Facts'
import { Page } from '../ui/Page'
import { narrow } from '../ui/layout'
import { ProblemBar, useProblemWords } from '../ui/problems'
import { Empty, Loaded, Loading } from '../ui/states'
import { StatusMark, type Tone } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { useCopy } from '../ui/useCopy'
import { usePreflight, useStartPreflight } from './probeQueries'
import { useAddress } from './queries'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', rowGap: tokens.spacingVerticalM },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(180px, 1fr) minmax(0, 2fr)',
    columnGap: tokens.spacingHorizontalXL,
    rowGap: tokens.spacingVerticalS,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  what: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  said: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  dim: { color: tokens.colorNeutralForeground3 },
  code: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
  commands: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
  copy: { alignSelf: 'flex-start' },
})

const tones: Record<Check['verdict'], Tone> = {
  waiting: 'busy',
  ok: 'ok',
  warning: 'warning',
  failed: 'error',
  skipped: 'neutral',
}

/** Everything that an address needs at Microsoft, each line judged by a real call. */
export function PreflightPage() {
  const { id } = useParams()
  const address = useAddress(Number(id))
  return (
    <Loaded query={address} loading={<Loading rows={8} height={32} />}>
      {(data) => <PreflightOf address={data} />}
    </Loaded>
  )
}

function PreflightOf({ address }: { address: Address }) {
  const { t } = useTranslation()
  const start = useStartPreflight(address.id)
  const preflight = usePreflight(address.id)
  const running = preflight.data?.finished_at === null
  const button = (
    <Button
      appearance="primary"
      icon={preflight.data ? <SyncIcon /> : <TestIcon />}
      disabled={start.isPending || running || address.connection?.status === 'disconnected'}
      onClick={() => start.mutate()}
    >
      {t(preflight.data ? 'preflight.again' : 'preflight.start')}
    </Button>
  )
  return (
    <Page
      title={t('preflight.title', { address: address.email })}
      lead={t('preflight.lead')}
      back={{ to: `/admin/email/addresses/${address.id}`, label: address.email }}
      actions={preflight.data && button}
    >
      <ProblemBar error={start.error} />
      <Loaded query={preflight} loading={<Loading rows={8} height={48} />}>
        {(data) =>
          data ? (
            <Lines preflight={data} />
          ) : (
            <Empty icon={<TestIcon />} title={t('preflight.none')} action={button}>
              {t('preflight.none_hint')}
            </Empty>
          )
        }
      </Loaded>
    </Page>
  )
}

function Lines({ preflight }: { preflight: Preflight }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { checks, finished_at, started_at } = preflight
  const judged = checks.filter(({ verdict }) => verdict !== 'waiting').length
  const failed = checks.filter(({ verdict }) => verdict === 'failed').length
  const warned = checks.filter(({ verdict }) => verdict === 'warning').length
  const outcome = failed > 0 ? 'failed' : warned > 0 ? 'warning' : 'ok'
  return (
    <>
      <div role="status">
        {finished_at === null ? (
          <StatusMark tone="busy">{t('preflight.running', { judged, all: checks.length })}</StatusMark>
        ) : (
          <StatusMark tone={tones[outcome]}>
            {t(`preflight.outcome.${outcome}`, { count: failed > 0 ? failed : warned })} · <Time at={started_at} />
          </StatusMark>
        )}
      </div>
      <ul className={styles.list}>
        {checks.map((check) => (
          <li key={check.name}>
            <Line check={check} />
          </li>
        ))}
      </ul>
    </>
  )
}

function Line({ check }: { check: Check }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const words = useProblemWords()
  const trouble = check.error && words(problemOf(check.error))
  const needs = check.error?.code.startsWith('needs_')
  return (
    <Card>
      <div className={styles.row}>
        <div className={styles.what}>
          <Text weight="semibold">{t(`preflight.check.${check.name}`)}</Text>
          <StatusMark tone={tones[check.verdict]}>{t(`preflight.verdict.${check.verdict}`)}</StatusMark>
        </div>
        <div className={styles.said}>
          {needs && <Text>{t('preflight.needs')}</Text>}
          {trouble && !needs && (
            <Text>
              {trouble.message} {trouble.remedy}{' '}
              {check.verdict !== 'skipped' && <span className={styles.dim}>{trouble.side}</span>}
            </Text>
          )}
          {check.called && (
            <Facts
              facts={[
                [t('preflight.called'), <span className={styles.code}>{check.called}</span>],
                ...check.evidence.map(({ name, value }): [string, string] => {
                  const key = `preflight.evidence.${name}`
                  return [i18n.exists(key) ? String(t(key as never)) : name, value]
                }),
                check.said || check.code
                  ? [
                      t('preflight.said'),
                      <>
                        <span className={styles.code}>{check.code}</span> {check.said}
                      </>,
                    ]
                  : null,
                check.request_id !== '' && [
                  t('preflight.request_id'),
                  <span className={styles.code}>{check.request_id}</span>,
                ],
              ]}
            />
          )}
          {check.commands.length > 0 && <Commands commands={check.commands} />}
        </div>
      </div>
    </Card>
  )
}

/** PowerShell to copy as it stands. */
function Commands({ commands }: { commands: string[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [copied, copy] = useCopy()
  const text = commands.join('\n')
  return (
    <>
      <Text size={200} className={styles.dim}>
        {t('preflight.commands')}
      </Text>
      <pre className={styles.commands} tabIndex={0}>
        {text}
      </pre>
      <Button size="small" className={styles.copy} icon={<CopyIcon />} onClick={() => copy(text)}>
        {t(copied ? 'action.copied' : 'action.copy')}
      </Button>
    </>
  )
}
