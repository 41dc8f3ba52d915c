import type { Counts, TicketQuery } from '../api/types'

/** The views at the left of the ticket list, in their order. */
export const views = ['mine', 'unassigned', 'open', 'new', 'pending', 'solved', 'all', 'flagged', 'failed'] as const
export type View = (typeof views)[number]

const unsolved: TicketQuery['status'] = ['new', 'open', 'pending', 'hold']

/** What each view asks the API for. */
export const viewFilters: Record<View, TicketQuery> = {
  mine: { assignee: 'me', status: unsolved },
  unassigned: { assignee: 'none', status: unsolved },
  open: { status: unsolved },
  new: { status: ['new'] },
  pending: { status: ['pending', 'hold'] },
  solved: { status: ['solved', 'closed'] },
  all: {},
  flagged: { flagged: true },
  failed: { delivery_failed: true },
}

export function asView(text: string | null): View {
  return views.find((view) => view === text) ?? 'open'
}

/** How many tickets stand in a view. */
export function viewCount(view: View, counts: Counts): number {
  switch (view) {
    case 'mine':
      return counts.mine
    case 'unassigned':
      return counts.unassigned
    case 'open':
      return counts.new + counts.open + counts.pending + counts.hold
    case 'new':
      return counts.new
    case 'pending':
      return counts.pending + counts.hold
    case 'solved':
      return counts.solved + counts.closed
    case 'all':
      return viewCount('open', counts) + viewCount('solved', counts)
    case 'flagged':
      return counts.flagged
    case 'failed':
      return counts.delivery_failed
  }
}
