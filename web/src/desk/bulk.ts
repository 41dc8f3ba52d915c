import type { Ticket, TicketChange } from '../api/types'

/** What the changed fields were before, with the tickets that had the same grouped together. */
export function formerValues(tickets: Ticket[], change: TicketChange): [TicketChange, number[]][] {
  const groups = new Map<string, [TicketChange, number[]]>()
  for (const ticket of tickets) {
    const before: TicketChange = {}
    // A ticket cannot become new again; open is as near as it gets.
    if (change.status) before.status = ticket.status === 'new' ? 'open' : ticket.status
    // A team may have cost the ticket its assignee, and an assignee its team.
    if (change.assignee_id !== undefined || change.group_id !== undefined) {
      before.assignee_id = ticket.assignee_id
      before.group_id = ticket.group_id
    }
    const key = JSON.stringify(before)
    const group = groups.get(key) ?? [before, []]
    group[1].push(ticket.id)
    groups.set(key, group)
  }
  return [...groups.values()]
}
