import { Button, Field, Input, makeStyles, mergeClasses, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { ReportQuery, ReportTally, TicketReport } from '../api/types'
import { duration } from '../i18n/format'
import { DataTable, type Column } from '../ui/DataTable'
import { CloseIcon, DownloadIcon, ReportIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Empty, Loaded, Loading } from '../ui/states'
import { Chart } from './Chart'
import { askedFor, asPeriod, changeOf, csv, groupings, periods, readersZone, ticketsOf, type Grouping } from './period'
import { useGroupNames, useReport } from './queries'

const minute = 60_000

const useStyles = makeStyles({
  controls: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM },
  sums: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(176px, 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  sum: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXXS,
    padding: tokens.spacingHorizontalL,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  number: { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600, fontWeight: tokens.fontWeightSemibold },
  dim: { color: tokens.colorNeutralForeground3 },
  charts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 420px), 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  stale: { opacity: 0.6 },
  body: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  groups: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
})

/** How the work went: how much came and was solved, how quickly, what is left, and by whom. */
export function Reports() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const query = askedFor(search, new Date())
  const report = useReport(query)
  const names = useGroupNames(query.group_by)
  const chosen = search.get('key')
  const custom = search.has('from')

  const change = (changes: Record<string, string | undefined>) =>
    setSearch((old) => {
      for (const [name, value] of Object.entries(changes)) {
        if (value) old.set(name, value)
        else old.delete(name)
      }
      return old
    })

  return (
    <Page
      title={t('report.title')}
      lead={t('report.lead', { zone: readersZone() })}
      actions={
        <Button
          icon={<DownloadIcon />}
          disabled={!report.data}
          onClick={() => report.data && download(`tandem-${query.from}-${query.to}.csv`, report.data, names, t)}
        >
          {t('report.csv')}
        </Button>
      }
    >
      <div className={styles.controls}>
        <Field label={t('report.period')}>
          <Select
            value={custom ? 'custom' : asPeriod(search.get('days'))}
            onChange={(_, { value }) =>
              value === 'custom'
                ? change({ from: query.from, to: query.to, days: undefined })
                : change({ days: value, from: undefined, to: undefined })
            }
          >
            {periods.map((days) => (
              <option key={days} value={days}>
                {t(`report.days.${days}`)}
              </option>
            ))}
            <option value="custom">{t('report.days.custom')}</option>
          </Select>
        </Field>
        {custom &&
          (['from', 'to'] as const).map((end) => (
            <Field key={end} label={t(`report.${end}`)}>
              <Input
                type="date"
                value={query[end]}
                min={end === 'to' ? query.from : undefined}
                max={end === 'from' ? query.to : undefined}
                onChange={(_, { value }) => value && change({ [end]: value })}
              />
            </Field>
          ))}
        <Field label={t('report.by')}>
          <Select value={query.group_by} onChange={(_, { value }) => change({ by: value })}>
            {groupings.map((one) => (
              <option key={one} value={one}>
                {t(`report.dimension.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        {chosen && (
          <Button icon={<CloseIcon />} onClick={() => change({ of: undefined, key: undefined, name: undefined })}>
            {search.get('name') ?? chosen}
          </Button>
        )}
      </div>
      <Loaded query={report} loading={<Loading rows={4} height={96} />}>
        {(data) => (
          <div className={mergeClasses(styles.body, report.isPlaceholderData && styles.stale)}>
            <Sums report={data} />
            <Charts report={data} query={query} />
            <Groups
              report={data}
              by={query.group_by as Grouping}
              names={names}
              onChoose={(key, name) => change({ of: query.group_by, key, name })}
            />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

/** The period in four figures, each beside the period before. */
function Sums({ report: { total, previous } }: { report: TicketReport }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const time = (minutes: number | null) => (minutes === null ? '–' : duration(minutes * minute, i18n.language))
  const sum = (name: string, value: string, now: number | null, before: number | null, more?: string) => {
    const percent = changeOf(now, before)
    return (
      <div className={styles.sum}>
        <Text>{name}</Text>
        <span className={styles.number}>{value}</span>
        {more && <Text size={200}>{more}</Text>}
        <Text size={200} className={styles.dim}>
          {percent === undefined
            ? t('report.no_comparison')
            : t('report.compared', {
                change: new Intl.NumberFormat(i18n.language, { style: 'percent', signDisplay: 'exceptZero' }).format(percent / 100),
              })}
        </Text>
      </div>
    )
  }
  const count = (n: number) => n.toLocaleString(i18n.language)
  return (
    <div className={styles.sums}>
      {sum(t('report.created'), count(total.created), total.created, previous.created)}
      {sum(t('report.solved'), count(total.solved), total.solved, previous.solved)}
      {(['first_reply', 'resolution'] as const).map((what) => (
        <div key={what} style={{ display: 'contents' }}>
          {sum(
            t(`report.${what}`),
            time(total[`${what}_minutes`].median),
            total[`${what}_minutes`].median,
            previous[`${what}_minutes`].median,
            total[`${what}_minutes`].count > 0 ? t('report.p90_of', { time: time(total[`${what}_minutes`].p90) }) : undefined,
          )}
        </div>
      ))}
    </div>
  )
}

function Charts({ report, query }: { report: TicketReport; query: ReportQuery }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  if (report.total.created + report.total.solved + report.backlog.reduce((sum, age) => sum + age.count, 0) === 0) {
    return (
      <Empty icon={<ReportIcon />} title={t('report.none')}>
        {t('report.none_hint')}
      </Empty>
    )
  }
  const day = new Intl.DateTimeFormat(i18n.language, query.interval === 'month' ? { month: 'short', year: '2-digit' } : { month: 'numeric', day: 'numeric' })
  const steps = report.steps.map((step) => day.format(new Date(step.from)))
  const count = (n: number) => new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 1 }).format(n)
  const time = (minutes: number) => duration(minutes * minute, i18n.language)
  const drill = (what: 'created' | 'solved') =>
    report.steps.map((step) => ticketsOf(what, step.from, step.to, query))
  const times = (what: 'first_reply_minutes' | 'resolution_minutes') => [
    { name: t('report.median'), values: report.steps.map((step) => step[what].median), hrefs: drill(what === 'first_reply_minutes' ? 'created' : 'solved') },
    { name: t('report.p90'), values: report.steps.map((step) => step[what].p90), hrefs: drill(what === 'first_reply_minutes' ? 'created' : 'solved') },
  ]
  return (
    <div className={styles.charts}>
      <Chart
        title={t('report.volume')}
        steps={steps}
        format={count}
        series={[
          { name: t('report.created'), values: report.steps.map((step) => step.created), hrefs: drill('created') },
          { name: t('report.solved'), values: report.steps.map((step) => step.solved), hrefs: drill('solved') },
        ]}
      />
      <Chart
        title={t('report.backlog')}
        steps={ages.map((age) => t(`report.age.${age}`))}
        format={count}
        series={[
          {
            name: t('report.unsolved'),
            values: report.backlog.map((age) => age.count),
            hrefs: report.backlog.map((age) => ticketsOf('unsolved', age.from, age.to, query)),
          },
        ]}
      />
      <Chart title={t('report.first_reply')} steps={steps} format={time} tops={lengths} series={times('first_reply_minutes')} />
      <Chart title={t('report.resolution')} steps={steps} format={time} tops={lengths} series={times('resolution_minutes')} />
    </div>
  )
}

/** The ages that the API divides the backlog into, the youngest first. */
const ages = ['1', '3', '7', '14', '30', '90', 'older'] as const

// Where the scale of lengths of time ends: at whole minutes, hours and days.
const hour = 60
const lengths = [2, 10, 30, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour].concat(
  [2, 4, 6, 10, 20, 40, 60, 100, 200, 400, 1000].map((days) => days * 24 * hour),
)

type GroupRow = TicketReport['groups'][number] & { id: number }

function Groups({
  report,
  by,
  names,
  onChoose,
}: {
  report: TicketReport
  by: Grouping
  names: Map<string, string>
  onChoose: (key: string, name: string) => void
}) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const nameOf = (key: string) => groupName(key, names, t)
  const time = ({ median }: ReportTally['resolution_minutes']) => (median === null ? '–' : duration(median * minute, i18n.language))
  const number = (n: number) => n.toLocaleString(i18n.language)
  const columns: Column<GroupRow>[] = [
    {
      id: 'name',
      label: t(`report.dimension.${by}`),
      cell: (row) =>
        isNobody(row.key) ? (
          nameOf(row.key)
        ) : (
          <Button size="small" appearance="transparent" onClick={() => onChoose(row.key, nameOf(row.key))}>
            {nameOf(row.key)}
          </Button>
        ),
    },
    { id: 'created', label: t('report.created'), width: '96px', cell: (row) => number(row.created) },
    { id: 'solved', label: t('report.solved'), width: '96px', cell: (row) => number(row.solved) },
    { id: 'backlog', label: t('report.unsolved'), width: '136px', hide: 'narrow', cell: (row) => number(row.backlog) },
    { id: 'reply', label: t('report.first_reply'), width: '160px', hide: 'narrow', cell: (row) => time(row.first_reply_minutes) },
    { id: 'resolution', label: t('report.resolution'), width: '160px', hide: 'narrow', cell: (row) => time(row.resolution_minutes) },
  ]
  if (report.groups.length === 0) return null
  return (
    <section className={styles.groups}>
      <Subtitle2 as="h2">{t('report.groups')}</Subtitle2>
      <DataTable label={t('report.groups')} columns={columns} rows={report.groups.map((group, id) => ({ ...group, id }))} />
    </section>
  )
}

const isNobody = (key: string) => key === '' || key === '0'

const groupName = (key: string, names: Map<string, string>, t: TFunction) =>
  isNobody(key) ? t('report.nobody') : (names.get(key) ?? key)

/** Saves the report's figures as a file. */
function download(file: string, report: TicketReport, names: Map<string, string>, t: TFunction) {
  const head = [t('report.created'), t('report.solved'), t('report.csv_reply'), t('report.csv_reply_p90'), t('report.csv_resolution'), t('report.csv_resolution_p90')]
  const figures = (tally: ReportTally) => [
    tally.created,
    tally.solved,
    tally.first_reply_minutes.median,
    tally.first_reply_minutes.p90,
    tally.resolution_minutes.median,
    tally.resolution_minutes.p90,
  ]
  const text = csv([
    [t('report.step'), ...head],
    ...report.steps.map((step) => [step.from, ...figures(step)]),
    [],
    [t('report.groups'), ...head, t('report.unsolved')],
    ...report.groups.map((group) => [groupName(group.key, names, t), ...figures(group), group.backlog]),
  ])
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = file
  link.click()
  URL.revokeObjectURL(link.href)
}
