import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { CountedQuery, Ticket } from '../api/types'
import { TicketStatus } from '../desk/TicketStatus'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { ReportIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { Empty, Loaded, Loading } from '../ui/states'
import { Time } from '../ui/Time'
import { countedPerPage, useCounted } from './queries'

/** The tickets behind a figure of a report. */
export function Counted() {
  const { t, i18n } = useTranslation()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const query = asked(search)
  const tickets = useCounted(query, page)
  useLastPage(countedPerPage, tickets)
  const day = (instant: string) =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant))
  const name = (id: number | null) => tickets.data?.users?.find((user) => user.id === id)?.name ?? '–'
  const columns: Column<Ticket>[] = [
    { id: 'status', label: t('ticket.status'), width: '104px', cell: (row) => <TicketStatus status={row.status} /> },
    {
      id: 'subject',
      label: t('ticket.subject'),
      cell: (row) => <RowLink to={`/tickets/${row.id}`}>{`#${row.id} ${row.subject || t('ticket.no_subject')}`}</RowLink>,
      second: (row) => <Time at={row.created_at} />,
    },
    { id: 'requester', label: t('ticket.requester'), width: '18%', hide: 'narrow', cell: (row) => name(row.requester_id) },
    { id: 'assignee', label: t('ticket.assignee'), width: '18%', hide: 'medium', cell: (row) => name(row.assignee_id) },
    { id: 'created', label: t('report.created'), width: '124px', hide: 'narrow', cell: (row) => <Time at={row.created_at} /> },
    { id: 'solved', label: t('report.solved'), width: '124px', hide: 'medium', cell: (row) => <Time at={row.solved_at} /> },
  ]
  return (
    <Page
      title={t(`report.counted.${query.figure}`)}
      lead={
        query.from
          ? t('report.counted.between', { from: day(query.from), to: day(query.to) })
          : t('report.counted.until', { to: day(query.to) })
      }
      back={{ to: '/reports', label: t('report.title') }}
    >
      <Loaded query={tickets} loading={<Loading rows={8} />}>
        {(data) =>
          data.tickets.length === 0 ? (
            <Empty icon={<ReportIcon />} title={t('report.none')} />
          ) : (
            <>
              <DataTable
                label={t(`report.counted.${query.figure}`)}
                columns={columns}
                rows={data.tickets}
                href={(row) => `/tickets/${row.id}`}
              />
              <Pager
                page={page}
                perPage={countedPerPage}
                count={data.count}
                onPage={(to) =>
                  setSearch((old) => {
                    old.set('page', String(to))
                    return old
                  })
                }
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function asked(search: URLSearchParams): CountedQuery {
  const number = (name: string) => Number(search.get(name)) || undefined
  const instant = (name: string) => {
    const text = search.get(name) ?? ''
    return Number.isNaN(Date.parse(text)) ? undefined : text
  }
  const figure = search.get('figure')
  return {
    figure: figure === 'solved' || figure === 'unsolved' ? figure : 'created',
    from: instant('from'),
    to: instant('to') ?? new Date().toISOString(),
    group_id: number('group_id'),
    brand_id: number('brand_id'),
    assignee_id: number('assignee_id'),
    recipient: search.get('recipient') ?? undefined,
  }
}
