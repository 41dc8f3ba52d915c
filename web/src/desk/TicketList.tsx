import { Button, makeStyles, mergeClasses, Select, Text, tokens, Tooltip } from '@fluentui/react-components'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import type { Ticket, TicketPage, View } from '../api/types'
import { useMe } from '../session/queries'
import { DataTable, moveRow, rowInFocus } from '../ui/DataTable'
import { CopyIcon, EditIcon, TicketIcon } from '../ui/icons'
import { FilterInput } from '../ui/FilterInput'
import { narrow } from '../ui/layout'
import { usePageTitle } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { useShortcuts } from '../ui/shortcuts'
import { Empty, Loaded, Loading } from '../ui/states'
import { useColumns } from './columns'
import { columnName } from './customColumn'
import { rememberList } from './lastList'
import { settle } from './steady'
import { ViewRail } from './ViewRail'
import { findView, orderOf, ticketsPerPage, useViewCounts, useViews, useViewTickets, useViewTitle } from './views'

const BulkBar = lazy(() => import('./BulkBar').then((m) => ({ default: m.BulkBar })))
const BrokenView = lazy(() => import('./BrokenView').then((m) => ({ default: m.BrokenView })))

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateColumns: '208px minmax(0, 1fr)',
    height: '100%',
    [narrow]: { display: 'block', height: 'auto' },
  },
  pane: { display: 'flex', flexDirection: 'column', minHeight: 0, minWidth: 0 },
  head: {
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
  },
  title: { margin: 0, flexGrow: 1, overflowWrap: 'anywhere', [narrow]: { position: 'absolute', left: '-9999px' } },
  choose: { display: 'none', [narrow]: { display: 'flex', width: '100%' } },
  filter: { width: '260px', [narrow]: { width: '100%' } },
  rows: { flexGrow: 1, overflowY: 'auto', minHeight: 0 },
  // Rows of the view before, until those of this one are here.
  stale: { opacity: 0.6 },
  arrived: { display: 'flex', justifyContent: 'center', padding: tokens.spacingVerticalXS },
})

/** The list of tickets: views with counts at the left, one view's tickets at the right. */
export function TicketList() {
  const views = useViews()
  return <Loaded query={views}>{(list) => <Frame views={list} />}</Loaded>
}

function Frame({ views }: { views: View[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const me = useMe()
  const titleOf = useViewTitle()
  const [search, setSearch] = useSearchParams()
  const view = findView(views, search.get('view'))
  const counts = useViewCounts(views.map(({ id }) => id))
  const query = search.get('q') ?? ''
  const page = Number(search.get('page') ?? '1') || 1
  const sort = search.get('sort') ?? (view ? orderOf(view) : '')
  const asked = useMemo(() => ({ query, sort, page }), [query, sort, page])
  const tickets = useViewTickets(view?.id, asked)
  useLastPage(ticketsPerPage, tickets)
  const title = view ? titleOf(view) : t('view.label')
  usePageTitle(title)
  useEffect(() => rememberList(`?${search}`), [search])
  const step = (by: 1 | -1) => {
    const to = view && views[views.indexOf(view) + by]
    if (to) void navigate(`/tickets?view=${to.shipped ?? to.id}`)
  }
  useShortcuts({ '[': () => step(-1), ']': () => step(1) })

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
  const own = view?.restriction?.type === 'User'
  const mayEdit = view && (own || me.role === 'admin')

  return (
    <div className={styles.frame}>
      <ViewRail views={views} counts={counts.data} here={view} />
      <section className={styles.pane} aria-label={title}>
        <div className={styles.head}>
          <Text as="h1" size={500} weight="semibold" className={styles.title}>
            {title}
          </Text>
          <Select
            className={styles.choose}
            aria-label={t('view.label')}
            value={view?.id}
            onChange={(_, data) => change({ view: data.value, page: undefined, sort: undefined })}
          >
            {views.map((one) => (
              <option key={one.id} value={one.id}>
                {titleOf(one)}
              </option>
            ))}
          </Select>
          <FilterInput
            key={view?.id}
            className={styles.filter}
            label={t('tickets.filter')}
            value={query}
            onValue={(q) => change({ q, page: undefined })}
          />
          {view && (
            <Tooltip content={mayEdit ? t('view.edit') : t('view.copy')} relationship="label">
              <Button
                appearance="subtle"
                icon={mayEdit ? <EditIcon /> : <CopyIcon />}
                onClick={() =>
                  void navigate(own ? `/views/${view.id}` : mayEdit ? `/admin/views/${view.id}` : `/views/new?copy=${view.id}`)
                }
              />
            </Tooltip>
          )}
        </div>
        {view && view.broken.length > 0 ? (
          <Suspense>
            <BrokenView view={view} mayEdit={mayEdit === true} own={own} />
          </Suspense>
        ) : (
          view && (
            <Loaded query={tickets} loading={<Loading rows={12} />}>
              {(data) => (
                <SteadyRows
                  key={JSON.stringify([view.id, asked])}
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
          )
        )}
      </section>
    </div>
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
  view: View
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

  const grouped = view.execution.group ? columnName(view.execution.group.id) : null
  const names = view.execution.columns.map(({ id }) => columnName(id))
  const { columns, groupOf } = useColumns(names, data, grouped)
  const titleOf = useViewTitle()
  const present = useMemo(() => new Set(rows.map((row) => row.id).filter((id) => chosen.has(id))), [rows, chosen])

  const toggleInFocus = () => {
    const id = rowInFocus()
    if (id === undefined) return
    const next = new Set(present)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  useShortcuts({ j: () => moveRow(1), k: () => moveRow(-1), x: toggleInFocus })

  const emptyOf = ({ shipped }: View) => {
    switch (shipped) {
      case 'mine':
      case 'unassigned':
      case 'open':
      case 'new':
      case 'pending':
      case 'solved':
      case 'all':
      case 'flagged':
      case 'failed':
        return t(`tickets.empty.${shipped}`)
    }
    return t('tickets.empty.view')
  }
  if (rows.length === 0) {
    return (
      <Empty icon={<TicketIcon />} title={searched ? t('tickets.none_found') : emptyOf(view)}>
        {searched ? t('tickets.none_found_hint') : t('tickets.empty_hint')}
      </Empty>
    )
  }
  return (
    <>
      {present.size > 0 && (
        <Suspense>
          <BulkBar tickets={rows.filter((row) => present.has(row.id))} onDone={() => setChosen(new Set())} />
        </Suspense>
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
          label={titleOf(view)}
          columns={columns}
          rows={rows}
          href={(row) => `/tickets/${row.id}`}
          sort={sort}
          onSort={onSort}
          groupOf={groupOf}
          selection={{ chosen: present, onChange: setChosen, name: (row) => `#${row.id} ${row.subject}` }}
        />
      </div>
      <Pager page={page} perPage={ticketsPerPage} count={data.count} onPage={onPage} />
    </>
  )
}
