import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { useMatch } from 'react-router'
import { answerOf, api } from '../api/client'
import type { Ticket } from '../api/types'
import { useMe } from '../session/queries'

/** Something that happened to one of my tickets. */
export interface News {
  id: string
  what: 'assigned' | 'replied' | 'failed'
  ticket: Ticket
  at: string
}

/** Whether one moment is after another: as text they do not sort, because the server leaves out trailing zeros. */
const after = (a: string, b: string) => Date.parse(a) > Date.parse(b)

/** What there is to know about tickets of mine, the newest first. */
export function newsOf(tickets: Ticket[]): News[] {
  const all: News[] = []
  for (const ticket of tickets) {
    const add = (what: News['what'], at: string | null | undefined) => at && all.push({ id: `${what}-${ticket.id}`, what, ticket, at })
    const { assigned_at, assignee_updated_at, requester_updated_at } = ticket.metric_set ?? {}
    // Who takes a ticket by answering it knows.
    if (assigned_at !== assignee_updated_at) add('assigned', assigned_at)
    if (requester_updated_at && assigned_at && after(requester_updated_at, assigned_at)) add('replied', requester_updated_at)
    if (ticket.delivery_failed) add('failed', ticket.updated_at)
  }
  return all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, 30)
}

/** Until when somebody has seen everything, and each ticket; kept in this browser. */
interface Seen {
  all: string
  tickets: Record<string, string>
}

const watchers = new Set<() => void>()
const keyOf = (user: number) => `tandem.news.${user}`

/** What is new begins with the first visit. */
function firstSeen(key: string): string {
  const seen: Seen = { all: new Date().toISOString(), tickets: {} }
  const text = JSON.stringify(seen)
  localStorage.setItem(key, text)
  return text
}

function useSeen(user: number): [Seen, (change: (seen: Seen) => Seen) => void] {
  const key = keyOf(user)
  const text = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      addEventListener('storage', watcher) // another tab
      return () => {
        watchers.delete(watcher)
        removeEventListener('storage', watcher)
      }
    },
    () => localStorage.getItem(key) ?? firstSeen(key),
  )
  const change = useCallback(
    (update: (seen: Seen) => Seen) => {
      localStorage.setItem(key, JSON.stringify(update(JSON.parse(localStorage.getItem(key) ?? firstSeen(key)) as Seen)))
      for (const watcher of watchers) watcher()
    },
    [key],
  )
  return [JSON.parse(text) as Seen, change]
}

/** The news, how many of them are unread, and how to have read them all. Opening a ticket reads what there is about it. */
export function useNews() {
  const me = useMe()
  const [seen, change] = useSeen(me.id)
  const { data } = useQuery({
    queryKey: ['tickets', 'news'],
    queryFn: () => answerOf(api.GET('/tickets', { params: { query: { assignee: 'me', include: 'metric_sets', sort: '-updated_at', per_page: 25 } } })),
    select: (page) => newsOf(page.tickets),
  })
  const news = data ?? []
  const isNew = ({ at, ticket }: News) => after(at, seen.all) && after(at, seen.tickets[ticket.id] ?? seen.all)

  const here = useMatch('/tickets/:id')?.params.id
  const unreadHere = news.filter((one) => isNew(one) && String(one.ticket.id) === here)[0]?.at
  useEffect(() => {
    if (here && unreadHere) change((old) => ({ ...old, tickets: { ...old.tickets, [here]: unreadHere } }))
  }, [here, unreadHere, change])

  const latest = news[0]?.at
  const readAll = () => latest && change(() => ({ all: latest, tickets: {} }))
  return { news, isNew, unread: news.filter(isNew).length, readAll }
}
