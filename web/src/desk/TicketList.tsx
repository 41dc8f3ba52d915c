import { Button, makeStyles, mergeClasses, Select, Text, tokens } from '@fluentui/react-components'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useSearchParams } from 'react-router'
import type { Ticket, TicketPage, TicketQuery, User } from '../api/types'
import { DataTable, moveRow, rowInFocus, RowLink, type Column } from '../ui/DataTable'
import { FlagIcon, TicketIcon, WarningIcon } from '../ui/icons'
import { FilterInput } from '../ui/FilterInput'
import { narrow } from '../ui/layout'
import { usePageTitle } from '../ui/Page'
import { Pager } from '../ui/Pager'
import { useShortcuts } from '../ui/shortcuts'
import { Empty, Loaded, Loading } from '../ui/states'
import { Time } from '../ui/Time'
import { ViewerFaces } from './AtTicket'
import { BulkBar } from './BulkBar'
import { rememberList } from './lastList'
import { ticketsPerPage, useCounts, useTickets } from './queries'
import { settle } from './steady'
import { TicketStatus } from './TicketStatus'
import { useViewers } from './viewers'
import { asView, viewCount, viewFilters, views } from './views'

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateColumns: '208px minmax(0, 1fr)',
    height: '100%',
    [narrow]: { display: 'block', height: 'auto' },
  },
  views: {
    display: 'flex',
    flexDirection: 'column',
    gap: '2px',
    padding: tokens.spacingHorizontalS,
    overflowY: 'auto',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { display: 'none' },
  },
  view: {
    display: 'flex',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground2Hover },
  },
  here: {
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    color: tokens.colorNeutralForeground1Selected,
    fontWeight: tokens.fontWeightSemibold,
  },
  count: { fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightRegular },
  pane: { display: 'flex', flexDirection: 'column', minHeight: 0, minWidth: 0 },
  head: {
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
  },
  title: { margin: 0, flexGrow: 1, [narrow]: { position: 'absolute', left: '-9999px' } },
  choose: { display: 'none', [narrow]: { display: 'flex', width: '100%' } },
  filter: { width: '260px', [narrow]: { width: '100%' } },
  rows: { flexGrow: 1, overflowY: 'auto', minHeight: 0 },
  // Rows of the view before, until those of this one are here.
  stale: { opacity: 0.6 },
  arrived: { display: 'flex', justifyContent: 'center', padding: tokens.spacingVerticalXS },
  subject: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS, minWidth: 0 },
  subjectText: { overflow: 'hidden', textOverflow: 'ellipsis' },
  mark: { display: 'inline-flex', flexShrink: 0, '& > svg': { width: '16px', height: '16px' } },
  flagged: { color: tokens.colorPaletteDarkOrangeForeground1 },
  failed: { color: tokens.colorPaletteRedForeground1 },
})

/** The list of tickets: views with counts at the left, one view's tickets at the right. */
export function TicketList() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const view = asView(search.get('view'))
  const query = search.get('q') ?? ''
  const sort = (search.get('sort') ?? '-updated_at') as NonNullable<TicketQuery['sort']>
  const page = Number(search.get('page') ?? '1') || 1
  const filter = useMemo(() => ({ ...viewFilters[view], query, sort }), [view, query, sort])
  const tickets = useTickets(filter, page)
  usePageTitle(t(`view.${view}`))
  useEffect(() => rememberList(`?${search}`), [search])

  const change = (changes: Record<string, string | undefined>) =>
    setSearch(
      (old) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value) old.set(name, value)
          else old.delete(name)
        }
        return old
      },
      { replace: 'q' in changes },
    )

  return (
    <div className={styles.frame}>
      <Views />
      <section className={styles.pane} aria-label={t(`view.${view}`)}>
        <div className={styles.head}>
          <Text as="h1" size={500} weight="semibold" className={styles.title}>
            {t(`view.${view}`)}
          </Text>
          <Select
            className={styles.choose}
            aria-label={t('view.label')}
            value={view}
            onChange={(_, data) => change({ view: data.value, page: undefined })}
          >
            {views.map((one) => (
              <option key={one} value={one}>
                {t(`view.${one}`)}
              </option>
            ))}
          </Select>
          <FilterInput
            key={view}
            className={styles.filter}
            label={t('tickets.filter')}
            value={query}
            onValue={(q) => change({ q, page: undefined })}
          />
        </div>
        <Loaded query={tickets} loading={<Loading rows={12} />}>
          {(data) => (
            <SteadyRows
              key={JSON.stringify([filter, page])}
              data={data}
              stale={tickets.isPlaceholderData}
              sort={sort}
              onSort={(s) => change({ sort: s, page: undefined })}
              page={page}
              onPage={(p) => change({ page: p > 1 ? String(p) : undefined })}
              searched={query !== ''}
              view={view}
            />
          )}
        </Loaded>
      </section>
    </div>
  )
}

function Views() {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { data: counts } = useCounts()
  const [search] = useSearchParams()
  const view = asView(search.get('view'))
  return (
    <nav className={styles.views} aria-label={t('view.label')}>
      {views.map((one) => (
        <RouterLink
          key={one}
          to={`/tickets?view=${one}`}
          className={mergeClasses(styles.view, one === view && styles.here)}
          aria-current={one === view ? 'page' : undefined}
        >
          <span>{t(`view.${one}`)}</span>
          <span className={styles.count}>{counts && viewCount(one, counts).toLocaleString(i18n.language)}</span>
        </RouterLink>
      ))}
      <RouterLink to="/suspended" className={styles.view}>
        <span>{t('admin.suspended')}</span>
      </RouterLink>
    </nav>
  )
}

function SteadyRows({
  data,
  stale,
  sort,
  onSort,
  page,
  onPage,
  searched,
  view,
}: {
  data: TicketPage
  stale: boolean
  sort: string
  onSort: (sort: string) => void
  page: number
  onPage: (page: number) => void
  searched: boolean
  view: keyof typeof viewFilters
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  // Rows that the reader sees keep their places until the reader lets the new ones in.
  const [shown, setShown] = useState<Ticket[]>()
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const base = stale || shown === undefined ? data.tickets : shown
  const { rows, arrived } = settle(base, data.tickets)
  useEffect(() => {
    if (!stale) setShown((old) => settle(old ?? data.tickets, data.tickets).rows)
  }, [data.tickets, stale])

  const people = useMemo(() => new Map(data.users?.map((user) => [user.id, user])), [data.users])
  const columns = useColumns(people)
  const present = useMemo(() => new Set(rows.map((row) => row.id).filter((id) => chosen.has(id))), [rows, chosen])

  const toggleInFocus = () => {
    const id = rowInFocus()
    if (id === undefined) return
    const next = new Set(present)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  useShortcuts({ j: () => moveRow(1), k: () => moveRow(-1), x: toggleInFocus })

  if (rows.length === 0) {
    return (
      <Empty icon={<TicketIcon />} title={searched ? t('tickets.none_found') : t(`tickets.empty.${view}`)}>
        {searched ? t('tickets.none_found_hint') : t('tickets.empty_hint')}
      </Empty>
    )
  }
  return (
    <>
      {present.size > 0 && (
        <BulkBar tickets={rows.filter((row) => present.has(row.id))} onDone={() => setChosen(new Set())} />
      )}
      {arrived > 0 && (
        <div className={styles.arrived} role="status">
          <Button size="small" appearance="primary" shape="circular" onClick={() => setShown(data.tickets)}>
            {t('tickets.arrived', { count: arrived })}
          </Button>
        </div>
      )}
      <div className={mergeClasses(styles.rows, stale && styles.stale)}>
        <DataTable
          label={t(`view.${view}`)}
          columns={columns}
          rows={rows}
          href={(row) => `/tickets/${row.id}`}
          sort={sort}
          onSort={onSort}
          selection={{ chosen: present, onChange: setChosen, name: (row) => `#${row.id} ${row.subject}` }}
        />
      </div>
      <Pager page={page} perPage={ticketsPerPage} count={data.count} onPage={onPage} />
    </>
  )
}

function useColumns(people: Map<number, User>): Column<Ticket>[] {
  const { t } = useTranslation()
  const styles = useStyles()
  const viewers = useViewers()
  const name = (id: number | null) => (id ? (people.get(id)?.name ?? '') : '')
  return [
    {
      id: 'status',
      label: t('ticket.status'),
      sort: 'status',
      width: '104px',
      cell: (row) => <TicketStatus status={row.status} />,
    },
    { id: 'id', label: t('ticket.number'), sort: 'id', width: '64px', hide: 'narrow', cell: (row) => `#${row.id}` },
    {
      id: 'subject',
      label: t('ticket.subject'),
      sort: 'subject',
      cell: (row) => (
        <span className={styles.subject}>
          {row.flagged && (
            <span className={mergeClasses(styles.mark, styles.flagged)} title={t('ticket.flagged')}>
              <FlagIcon aria-label={t('ticket.flagged')} role="img" />
            </span>
          )}
          {row.delivery_failed && (
            <span className={mergeClasses(styles.mark, styles.failed)} title={t('ticket.delivery_failed')}>
              <WarningIcon aria-label={t('ticket.delivery_failed')} role="img" />
            </span>
          )}
          <span className={styles.subjectText} title={row.subject}>
            <RowLink to={`/tickets/${row.id}`} strong={row.status === 'new' || row.status === 'open'}>
              {row.subject || t('ticket.no_subject')}
            </RowLink>
          </span>
          <ViewerFaces viewers={viewers.get(row.id) ?? []} />
        </span>
      ),
      second: (row) => (
        <>
          {name(row.requester_id)} · <Time at={row.updated_at} />
        </>
      ),
    },
    {
      id: 'requester',
      label: t('ticket.requester'),
      width: '16%',
      hide: 'narrow',
      cell: (row) => name(row.requester_id),
    },
    {
      id: 'assignee',
      label: t('ticket.assignee'),
      width: '13%',
      hide: 'medium',
      cell: (row) => name(row.assignee_id) || '–',
    },
    {
      id: 'priority',
      label: t('ticket.priority'),
      sort: 'priority',
      width: '92px',
      hide: 'medium',
      cell: (row) => (row.priority ? t(`priority.${row.priority}`) : '–'),
    },
    {
      id: 'updated',
      label: t('ticket.updated'),
      sort: 'updated_at',
      width: '124px',
      hide: 'narrow',
      cell: (row) => <Time at={row.updated_at} />,
    },
  ]
}
