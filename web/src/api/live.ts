import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

/** Something that happened on the server, as the event stream tells it: which kind, and whose number. */
export interface LiveEvent {
  kind: string
  id: number
  parent?: number
}

export const eventKinds = [
  'ticket.created',
  'ticket.updated',
  'comment.added',
  'comment.updated',
  'draft.updated',
  'mail.updated',
  'connection.updated',
  'job.updated',
  'user.updated',
  'organization.updated',
  'group.updated',
  'view.updated',
  'macro.updated',
  'settings.updated',
] as const

/** Which cached answers an event makes stale. */
export function staleKeys({ kind, id, parent }: LiveEvent): QueryKey[] {
  switch (kind) {
    case 'ticket.created':
      return [['tickets']]
    case 'ticket.updated':
      return [['tickets'], ['ticket', id]]
    case 'comment.added':
    case 'comment.updated':
      return parent ? [['tickets'], ['ticket', parent]] : [['tickets'], ['ticket']]
    case 'draft.updated':
      return [['draft', id]]
    case 'mail.updated':
      return [['mails'], ['mail', id], ['suspended'], ['overview']]
    case 'connection.updated':
      return [['addresses'], ['address'], ['activity', id], ['probes'], ['preflight'], ['overview']]
    case 'job.updated':
      return [['jobs'], ['overview']]
    case 'user.updated':
      return [['people'], ['session']]
    case 'organization.updated':
      return [['organizations'], ['people']]
    case 'group.updated':
      return [['groups'], ['people']]
    case 'view.updated':
      return [['views'], ['tickets']]
    case 'macro.updated':
      return [['macros']]
    case 'settings.updated':
      return [
        ['brands'],
        ['fields'],
        ['views'],
        ['view-definitions'],
        ['macros'],
        ['triggers'],
        ['addresses'],
        ['address'],
        ['tenants'],
        ['tokens'],
        ['audit'],
        ['overview'],
        ['attachment-settings'],
        ['ticket-settings'],
        ['mail-settings'],
        ['senders'],
      ]
    default:
      return []
  }
}

export type LineState = 'connecting' | 'open' | 'lost'

let line: LineState = 'connecting'
const listeners = new Set<() => void>()

function setLine(state: LineState) {
  line = state
  for (const listener of listeners) listener()
}

/** Whether live updates arrive. */
export function useLine(): LineState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => line,
  )
}

// Events come in bursts (an import of 300 mails); stale answers are fetched
// again at most this often.
const settleMilliseconds = 250

/** Collects stale keys and marks them in the cache once a burst has settled. */
export function staleCollector(mark: (keys: QueryKey[]) => void, settle = settleMilliseconds) {
  let waiting = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  return (event: LiveEvent) => {
    for (const key of staleKeys(event)) waiting.set(JSON.stringify(key), key)
    if (timer !== undefined || waiting.size === 0) return
    timer = setTimeout(() => {
      const keys = [...waiting.values()]
      waiting = new Map()
      timer = undefined
      mark(keys)
    }, settle)
  }
}

/**
 * Has what is shown of these asked for again. A first answer that is on its way
 * may be older than what happened, and TanStack Query asks nobody a second
 * time before it is there: those are asked for again after it.
 */
async function refresh(queries: QueryClient, queryKey: QueryKey = []) {
  const coming = queries
    .getQueryCache()
    .findAll({ queryKey, fetchStatus: 'fetching', predicate: ({ state }) => state.data === undefined })
  await queries.invalidateQueries({ queryKey })
  for (const query of coming) void queries.invalidateQueries({ queryKey: query.queryKey, exact: true })
}

/** Opens the event stream and keeps the cache fresh, and tells of the kinds that somebody else hears; returns what closes it. */
export function followEvents(
  queries: QueryClient,
  others: readonly string[] = [],
  hear: (event: LiveEvent) => void = () => {},
): () => void {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let missed = true // what was loaded before the stream is open may have changed since
  const collect = staleCollector((keys) => {
    for (const queryKey of keys) void refresh(queries, queryKey)
  })

  const open = () => {
    source = new EventSource('/api/v2/events')
    source.onopen = () => {
      setLine('open')
      // What happened while nobody listened is unknown: everything shown is asked for again.
      if (missed) void refresh(queries)
      missed = false
    }
    source.onerror = () => {
      setLine('lost')
      missed = true
      // The browser reconnects by itself, except after an answer that is no stream.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, 5000)
    }
    for (const kind of eventKinds) {
      source.addEventListener(kind, (message) => {
        const event = JSON.parse((message as MessageEvent<string>).data) as LiveEvent
        collect({ ...event, kind })
      })
    }
    for (const kind of others) {
      source.addEventListener(kind, (message) =>
        hear({ ...(JSON.parse((message as MessageEvent<string>).data) as LiveEvent), kind }),
      )
    }
  }
  open()
  return () => {
    clearTimeout(retry)
    source?.close()
    setLine('connecting')
  }
}
