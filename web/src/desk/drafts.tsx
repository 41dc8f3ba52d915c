import { useQuery } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { answerOf, api, apiURL, ask } from '../api/client'
import type { SavedDraft } from '../api/types'
import { useMe } from '../session/queries'
import { arrived, placePicture, tokensOf, type Draft, type DraftText } from './draft'
import { DraftKeeper, type Backup, type DraftServer } from './draftKeeper'
import { Pictures } from './pictures'

/** The number under which the draft of a ticket is kept that is yet to be opened. */
export const newTicket = 0

/** The drafts of whoever is signed in, by ticket; they outlive the pages that show them. */
class Drafts {
  private readonly all = new Map<number, { keeper: DraftKeeper; pictures: Pictures }>()

  constructor(private readonly user: number) {}

  /** Who keeps the draft of a ticket, and the pictures that are on their way into it. */
  of(ticket: number) {
    let one = this.all.get(ticket)
    if (!one) {
      const keeper = new DraftKeeper(serverOf(ticket), backupOf(localStorage, this.user, ticket))
      const pictures = new Pictures((key, upload) => keeper.change((draft) => placePicture(draft, key, upload)))
      one = { keeper, pictures }
      this.all.set(ticket, one)
    }
    return one
  }

  readonly leave = () => {
    for (const { keeper } of this.all.values()) void keeper.flush(true)
  }
}

const DraftsContext = createContext<Drafts | undefined>(undefined)

/** Keeps the drafts of whoever is signed in while they go from ticket to ticket, and saves them when they leave. */
export function DraftsProvider({ children }: { children: ReactNode }) {
  const me = useMe()
  const [drafts] = useState(() => new Drafts(me.id))
  useEffect(() => {
    const hidden = () => document.visibilityState === 'hidden' && drafts.leave()
    addEventListener('pagehide', drafts.leave)
    document.addEventListener('visibilitychange', hidden)
    return () => {
      removeEventListener('pagehide', drafts.leave)
      document.removeEventListener('visibilitychange', hidden)
      drafts.leave()
    }
  }, [drafts])
  return <DraftsContext value={drafts}>{children}</DraftsContext>
}

export function useDrafts(): Drafts {
  const drafts = useContext(DraftsContext)
  if (!drafts) throw new Error('useDrafts is for signed-in pages')
  return drafts
}

/** The draft of a ticket, and who keeps it. */
export function useDraft(ticket: number) {
  const { keeper, pictures } = useDrafts().of(ticket)
  const state = useSyncExternalStore(keeper.watch, keeper.current)
  // The event stream and coming back to the window make this query stale; it asks the keeper to look again.
  const { isPending, error } = useQuery({
    queryKey: ['draft', ticket],
    queryFn: () => keeper.refresh().then(() => true),
    staleTime: 0,
  })
  useEffect(() => () => void keeper.flush(), [keeper])
  return { ...state, keeper, pictures, loading: isPending && !error }
}

// A request that outlives its page may carry this many bytes (Fetch standard,
// "HTTP-network-or-cache fetch": 64 KiB); what is longer waits in the backup.
const leavingBytes = 60_000

function serverOf(ticket: number): DraftServer {
  return {
    read: async () => (await answerOf(api.GET('/tickets/{id}/draft', { params: { path: { id: ticket } } }))).draft,
    async save(draft, stamp, leaving) {
      const body = JSON.stringify({ draft: bodyOf(draft, stamp) })
      const answer = await ask(apiURL(`/tickets/${ticket}/draft`), {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body,
        keepalive: leaving && body.length < leavingBytes,
      })
      return ((await answer.json()) as { draft: SavedDraft }).draft
    },
  }
}

const bodyOf = (draft: Draft, stamp: string | null) => ({
  mode: draft.mode,
  reply: halfOf(draft.reply),
  note: halfOf(draft.note),
  email_ccs: draft.ccs,
  subject: draft.subject,
  requester: draft.requester,
  updated_stamp: stamp,
})

const halfOf = (text: DraftText) => ({ html_body: arrived(text.html), uploads: tokensOf(text) })

/** Keeps in the browser what the server does not have yet. */
export function backupOf(storage: Storage, user: number, ticket: number): Backup {
  const key = `tandem.draft.${user}.${ticket}`
  return {
    read() {
      try {
        const kept = JSON.parse(storage.getItem(key) ?? 'null') as ReturnType<Backup['read']> | null
        return kept && typeof kept.draft.reply.html === 'string' ? kept : undefined
      } catch {
        return undefined // another version wrote it
      }
    },
    write(unsaved) {
      try {
        storage.setItem(key, JSON.stringify(unsaved))
      } catch {
        // The storage is full; the server has it in a second.
      }
    },
    clear: () => storage.removeItem(key),
  }
}
