import { useQuery, type QueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { answerOf, api, apiURL } from '../api/client'
import type { LiveEvent } from '../api/live'
import type { TicketViewer } from '../api/types'
import { useMe } from '../session/queries'
import { useDrafts } from './drafts'

const key = ['viewers']

/** Who else is at which ticket now, by ticket. The event stream keeps it fresh; it is asked for again in case it missed something. */
export function useViewers(): ReadonlyMap<number, TicketViewer[]> {
  const me = useMe()
  const { data } = useQuery({
    queryKey: key,
    queryFn: async () => (await answerOf(api.GET('/ticket_viewers'))).ticket_viewers,
    refetchInterval: 60_000,
  })
  const byTicket = new Map<number, TicketViewer[]>()
  for (const viewer of data ?? []) {
    if (viewer.user_id === me.id) continue
    byTicket.set(viewer.ticket_id, [...(byTicket.get(viewer.ticket_id) ?? []), viewer])
  }
  return byTicket
}

export const viewerKinds = ['ticket.viewed', 'ticket.writing', 'ticket.left'] as const

/** Takes in that somebody came to a ticket, writes there, or left; asks who it is when that is not known. */
export function hearOfViewer(queries: QueryClient, event: LiveEvent) {
  const known = queries.getQueryData<TicketViewer[]>(key)
  if (!known) return
  const changed = withEvent(known, event)
  if (changed) queries.setQueryData(key, changed)
  else void queries.invalidateQueries({ queryKey: key })
}

/** The viewers after an event; nothing when it is about somebody unknown. */
export function withEvent(known: TicketViewer[], { kind, id, parent }: LiveEvent): TicketViewer[] | undefined {
  const others = known.filter((one) => one.ticket_id !== id || one.user_id !== parent)
  if (kind === 'ticket.left') return others
  const person = known.find((one) => one.user_id === parent)
  if (!person) return undefined
  return [...others, { ...person, ticket_id: id, state: kind === 'ticket.writing' ? 'writing' : 'viewing' }]
}

const heartbeat = 15_000
const stillWriting = 20_000

/** Says that one is at a ticket while its page is seen, and whether one writes. */
export function useBeingAt(ticket: number) {
  const writing = useWriting(ticket)
  useEffect(() => {
    const say = () => {
      if (document.visibilityState === 'hidden') return
      const body = { viewer: { state: writing ? ('writing' as const) : ('viewing' as const) } }
      // It is a courtesy: what fails is said again with the next beat. Who is signed out meanwhile learns it by this.
      answerOf(api.PUT('/tickets/{id}/viewers', { params: { path: { id: ticket } }, body })).catch(() => undefined)
    }
    say()
    const timer = setInterval(say, heartbeat)
    document.addEventListener('visibilitychange', say)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', say)
    }
  }, [ticket, writing])
  useEffect(() => {
    const leave = () => {
      fetch(apiURL(`/tickets/${ticket}/viewers`), { method: 'DELETE', keepalive: true }).catch(() => undefined)
    }
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      leave()
    }
  }, [ticket])
}

/** True while somebody changes the draft of a ticket here, and a little longer. */
function useWriting(ticket: number): boolean {
  const { keeper } = useDrafts().of(ticket)
  const [writing, setWriting] = useState(false)
  useEffect(() => {
    const textOf = () => keeper.current().draft.reply.html + keeper.current().draft.note.html
    let last = textOf()
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = keeper.watch(() => {
      const text = textOf()
      if (text === last || document.activeElement?.closest('[contenteditable]') == null) {
        last = text
        return
      }
      last = text
      clearTimeout(timer)
      setWriting(true)
      timer = setTimeout(() => setWriting(false), stillWriting)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [keeper])
  return writing
}
