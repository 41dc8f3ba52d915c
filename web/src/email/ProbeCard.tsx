import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { problemOf } from '../api/problem'
import type { Address, Probe } from '../api/types'
import { duration } from '../i18n/format'
import { TestIcon } from '../ui/icons'
import { ProblemBar } from '../ui/problems'
import { Sparkline } from '../ui/Sparkline'
import { Loaded, Loading } from '../ui/states'
import { Stations } from '../ui/Stations'
import { StatusMark } from '../ui/StatusMark'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { hopsOf, totalOf } from './probe'
import { useProbes, useStartProbe } from './probeQueries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalL },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', rowGap: tokens.spacingVerticalXS },
  one: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
  dim: { color: tokens.colorNeutralForeground3 },
})

/** The proof that mail flows at an address: the latest probe, hop by hop, and those before it. */
export function ProbeCard({ address }: { address: Address }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const probes = useProbes(address.id)
  const start = useStartProbe(address.id)
  useFirstProbe(address, probes.data, start.mutate)
  const running = start.isPending || probes.data?.[0]?.state === 'running'
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('probe.title')}</Subtitle2>
      <Text>{t('probe.why')}</Text>
      <div className={styles.buttons}>
        <Button
          icon={<TestIcon />}
          disabled={running || address.connection?.status === 'disconnected'}
          onClick={() => start.mutate()}
        >
          {t('probe.start')}
        </Button>
        <TextLink to={`/admin/email/addresses/${address.id}/preflight`}>{t('preflight.open')}</TextLink>
      </div>
      <ProblemBar error={start.error} />
      <Loaded query={probes} loading={<Loading rows={3} />}>
        {([latest, ...earlier]) =>
          latest ? (
            <>
              <Latest probe={latest} />
              {earlier.length > 0 && <History probes={[latest, ...earlier]} />}
            </>
          ) : (
            <StatusMark tone="neutral">{t('probe.none')}</StatusMark>
          )
        }
      </Loaded>
    </Card>
  )
}

/** After an address was connected its first probe begins by itself, once. */
function useFirstProbe(address: Address, probes: Probe[] | undefined, start: () => void) {
  const [search] = useSearchParams()
  const begun = useRef(false)
  const wanted = search.has('connected') && address.connection?.status !== 'error' && probes?.length === 0
  useEffect(() => {
    if (!wanted || begun.current) return
    begun.current = true
    start()
  }, [wanted, start])
}

const tones = { running: 'busy', passed: 'ok', failed: 'error' } as const

function Latest({ probe }: { probe: Probe }) {
  const { t, i18n } = useTranslation()
  const total = totalOf(probe)
  const stations = hopsOf(probe).map((hop) => ({
    ...hop,
    id: hop.name,
    title: t(`probe.hop.${hop.name}`),
    detail: hop.passage === 'passed' ? undefined : t(`journey.${hop.passage}`),
    more: hop.passage === 'stopped' && probe.error && <ProblemBar error={problemOf(probe.error)} />,
  }))
  const stopped = stations.some(({ passage }) => passage === 'stopped')
  return (
    <>
      <div role="status">
        <StatusMark tone={tones[probe.state]}>
          {t(`probe.state.${probe.state}`)} · <Time at={probe.finished_at ?? probe.started_at} />
          {total !== null && ` · ${duration(total, i18n.language)}`}
        </StatusMark>
      </div>
      {probe.error && !stopped && <ProblemBar error={problemOf(probe.error)} />}
      <Stations label={t('probe.label')} stations={stations} compact />
    </>
  )
}

const listed = 5

/** How long the probes took, and how the last ones ended. */
function History({ probes }: { probes: Probe[] }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const ended = probes.filter(({ state }) => state !== 'running')
  const passed = ended.filter(({ state }) => state === 'passed')
  const times = passed.map((probe) => totalOf(probe) ?? 0)
  const label = t('probe.history', { count: ended.length, passed: passed.length })
  return (
    <div>
      <Text weight="semibold" block>
        {t('probe.earlier')}
      </Text>
      {times.length > 1 && <Sparkline values={times.toReversed()} label={label} />}
      <Text size={200} block className={styles.dim}>
        {label}{' '}
        {times.length > 1 &&
          t('probe.range', {
            least: duration(Math.min(...times), i18n.language),
            most: duration(Math.max(...times), i18n.language),
          })}
      </Text>
      <ul className={styles.list}>
        {ended.slice(0, listed).map((probe) => (
          <li key={probe.id} className={styles.one}>
            <StatusMark tone={tones[probe.state]}>{t(`probe.state.${probe.state}`)}</StatusMark>
            <Time at={probe.started_at} />
            <span className={styles.dim}>{duration(totalOf(probe) ?? 0, i18n.language)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
