import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Problem } from '../api/problem'
import type { Ticket, TicketChange, TicketShown } from '../api/types'
import { useNotify } from '../ui/notify'
import { clashes, conflictRows, type Conflict } from './life/conflict'
import { useDesk } from './queries'

/**
 * Saves properties one after the other, each at once. When somebody else changed
 * the same one since it was seen, both are shown; when they changed something
 * else, both have their way.
 */
export function useProperties(ticket: Ticket) {
  const { change } = useDesk()
  const queries = useQueryClient()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const [conflict, setConflict] = useState<Conflict>()
  const last = useRef(Promise.resolve())
  // What was saved from here is no surprise, although the page may not show it yet.
  const saved = useRef<Ticket>(undefined)

  const send = async (wanted: TicketChange, shown: Ticket): Promise<void> => {
    const own = saved.current
    const seen = own?.id === shown.id && newer(own, shown) ? own : shown
    try {
      const answer = await change(ticket.id, { ...wanted, safe_update: true, updated_stamp: seen.updated_stamp })
      saved.current = answer.ticket
      setConflict(undefined)
    } catch (thrown) {
      const now = queries.getQueryData<TicketShown>(['ticket', ticket.id])?.ticket
      const changed = thrown instanceof Problem && thrown.code === 'ticket_changed'
      if (!changed || !now || !newer(now, seen)) return notify.failed(thrown)
      if (clashes(conflictRows(seen, wanted, now))) return setConflict({ error: thrown, seen, wanted, now })
      await send(wanted, now)
    }
  }
  const set = (wanted: TicketChange, shown = ticket) => {
    setBusy(true)
    const mine = last.current.then(() => send(wanted, shown))
    last.current = mine
    void mine.finally(() => last.current === mine && setBusy(false))
  }
  return { set, busy, conflict, dismiss: () => setConflict(undefined) }
}

const newer = (a: Ticket, b: Ticket) => Date.parse(a.updated_stamp) > Date.parse(b.updated_stamp)
