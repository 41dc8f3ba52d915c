import type { CountedQuery, ReportQuery } from '../api/types'

export const periods = ['7', '30', '90', '365'] as const
export type Period = (typeof periods)[number]
export const groupings = ['group', 'brand', 'recipient', 'assignee'] as const
export type Grouping = (typeof groupings)[number]

/** Days as the API writes them, in the reader's zone. */
const dayOf = (date: Date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')

export const readersZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** What the address of the page asks for; days up to today when it names none. */
export function askedFor(search: URLSearchParams, today: Date): ReportQuery & { from: string; to: string } {
  const from = search.get('from')
  const to = search.get('to')
  const days = Number(asPeriod(search.get('days')))
  const first = new Date(today)
  first.setDate(first.getDate() - days + 1)
  const span = from && to ? { from, to } : { from: dayOf(first), to: dayOf(today) }
  const length = (Date.parse(span.to) - Date.parse(span.from)) / 86_400_000 + 1
  const group = groupings.find((one) => one === search.get('by')) ?? 'assignee'
  return {
    ...span,
    time_zone: readersZone(),
    interval: length <= 31 ? 'day' : length <= 190 ? 'week' : 'month',
    group_by: group,
    ...chosenGroup(search),
  }
}

export const asPeriod = (text: string | null): Period => periods.find((one) => one === text) ?? '30'

/** The part of the tickets that the report is about, when somebody has chosen one. */
function chosenGroup(search: URLSearchParams): Partial<ReportQuery> {
  const key = search.get('key')
  if (!key) return {}
  switch (search.get('of')) {
    case 'group':
      return { group_id: Number(key) }
    case 'brand':
      return { brand_id: Number(key) }
    case 'assignee':
      return { assignee_id: Number(key) }
    case 'recipient':
      return { recipient: key }
    default:
      return {}
  }
}

/** The change from before to now in percent; nothing when there is nothing to compare with. */
export const changeOf = (now: number | null, before: number | null): number | undefined =>
  now === null || before === null || before === 0 ? undefined : Math.round(((now - before) / before) * 100)

/** The page of the tickets that were created, solved, or created and are unsolved, in a stretch of time. */
export function ticketsOf(figure: CountedQuery['figure'], from: string | null, to: string, query: ReportQuery): string {
  const { group_id, brand_id, assignee_id, recipient } = query
  const search = new URLSearchParams({ figure, to })
  for (const [name, value] of Object.entries({ from, group_id, brand_id, assignee_id, recipient }))
    if (value) search.set(name, String(value))
  return `/reports/tickets?${search}`
}

/** Rows as a file of comma-separated values, which spreadsheets open; a text that they would calculate is kept a text. */
export function csv(rows: (string | number | null)[][]): string {
  const cell = (value: string | number | null) => {
    if (typeof value === 'number') return String(value)
    const text = value ?? ''
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  // The mark at the beginning tells Excel that it is UTF-8.
  return `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}
