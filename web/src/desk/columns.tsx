import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Ticket, TicketPage } from '../api/types'
import { RowLink, type Column } from '../ui/DataTable'
import { FlagIcon, WarningIcon } from '../ui/icons'
import { Time } from '../ui/Time'
import { ViewerFaces } from './AtTicket'
import { useCustomColumns } from './customColumn'
import { TicketStatus } from './TicketStatus'
import { useGroups } from './trigger/queries'
import { useViewers } from './viewers'

const useStyles = makeStyles({
  subject: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS, minWidth: 0 },
  subjectText: { overflow: 'hidden', textOverflow: 'ellipsis' },
  mark: { display: 'inline-flex', flexShrink: 0, '& > svg': { width: '16px', height: '16px' } },
  flagged: { color: tokens.colorPaletteDarkOrangeForeground1 },
  failed: { color: tokens.colorPaletteRedForeground1 },
})

/** What views can show of a ticket, by the API's names. */
export const columnNames = [
  'status',
  'nice_id',
  'subject',
  'requester',
  'assignee',
  'group',
  'priority',
  'type',
  'brand',
  'tags',
  'recipient',
  'via',
  'created',
  'updated',
  'solved',
  'due_date',
] as const
export type ColumnName = (typeof columnNames)[number]

export const asColumn = (name: string) => columnNames.find((one) => one === name)

const unsorted: readonly ColumnName[] = ['tags', 'recipient', 'via']
const widths: Partial<Record<ColumnName, string>> = {
  status: '104px',
  nice_id: '64px',
  requester: '16%',
  assignee: '13%',
  group: '12%',
  priority: '92px',
  type: '92px',
  brand: '12%',
  tags: '14%',
  recipient: '16%',
  via: '84px',
  created: '124px',
  updated: '124px',
  solved: '124px',
  due_date: '124px',
}
/** What still shows where there is little room. */
const always: readonly ColumnName[] = ['status', 'subject']
const often: readonly ColumnName[] = ['requester', 'updated', 'created', 'solved', 'due_date']

/** The columns of a view, and how the group is called that a ticket stands in. */
export function useColumns(names: readonly string[], data: TicketPage, grouped: string | null) {
  const customOf = useCustomColumns(grouped ? [...names, grouped] : names)
  const { t } = useTranslation()
  const styles = useStyles()
  const { data: groups = [] } = useGroups()
  const viewers = useViewers()
  const people = useMemo(() => new Map(data.users?.map((user) => [user.id, user.name])), [data.users])
  const person = (id: number | null) => (id ? (people.get(id) ?? `#${id}`) : '')
  const team = (id: number | null) => groups.find((one) => one.id === id)?.name ?? ''
  const brand = (id: number) => data.brands?.find((one) => one.id === id)?.name ?? ''
  const time = (at: string | null) => (at ? <Time at={at} /> : '–')

  const text: Record<Exclude<ColumnName, 'subject'>, (row: Ticket) => string> = {
    status: (row) => t(`status.${row.status}`),
    nice_id: (row) => `#${row.id}`,
    requester: (row) => person(row.requester_id),
    assignee: (row) => person(row.assignee_id),
    group: (row) => team(row.group_id),
    priority: (row) => (row.priority ? t(`priority.${row.priority}`) : ''),
    type: (row) => (row.type ? t(`ticket_type.${row.type}`) : ''),
    brand: (row) => brand(row.brand_id),
    tags: (row) => row.tags.join(', '),
    recipient: (row) => row.recipient ?? '',
    via: (row) => t(`view.via.${row.via.channel === 'rule' ? 'api' : row.via.channel}`),
    created: (row) => row.created_at,
    updated: (row) => row.updated_at,
    solved: (row) => row.solved_at ?? '',
    due_date: (row) => row.due_at ?? '',
  }
  const subject = (row: Ticket) => (
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
  )
  const cell = (name: ColumnName) => (row: Ticket) => {
    switch (name) {
      case 'status':
        return <TicketStatus status={row.status} />
      case 'subject':
        return subject(row)
      case 'created':
        return time(row.created_at)
      case 'updated':
        return time(row.updated_at)
      case 'solved':
        return time(row.solved_at)
      case 'due_date':
        return time(row.due_at)
      default:
        return text[name](row) || '–'
    }
  }
  // The subject is how a ticket is opened, so it is always there.
  const shown = names.includes('subject') ? names : ['subject', ...names]
  const columns = shown.flatMap((shownName): Column<Ticket>[] => {
    const name = asColumn(shownName)
    const custom = customOf(shownName)
    if (custom) {
      const { title: label, sorts, text } = custom
      const sort = sorts ? shownName : undefined
      return [{ id: shownName, label, sort, width: '12%', hide: 'medium', cell: (row) => text(row) || '–' }]
    }
    if (!name) return [] // it is gone
    return [
      {
        id: name,
        label: t(`view.column.${name}`),
        sort: unsorted.includes(name) ? undefined : name,
        width: widths[name],
        hide: always.includes(name) ? undefined : often.includes(name) ? 'narrow' : 'medium',
        cell: cell(name),
        second:
          name === 'subject'
            ? (row) => (
                <>
                  {person(row.requester_id)} · <Time at={row.updated_at} />
                </>
              )
            : undefined,
      },
    ]
  })
  const groupOf = () => {
    const custom = customOf(grouped ?? '')
    const name = asColumn(grouped ?? '')
    const named = custom?.text ?? (name && name !== 'subject' ? text[name] : undefined)
    return named && ((row: Ticket) => named(row) || t('view.none'))
  }
  return { columns, groupOf: groupOf() }
}
