import type { Upload } from '../api/types'

/** What is being written on a ticket and has not been sent: a reply and a note, each kept apart. */
export interface Draft {
  mode: 'reply' | 'note'
  reply: DraftText
  note: DraftText
  /** Addresses in copy, when they were changed. */
  ccs?: string[]
}

export interface DraftText {
  body: string
  uploads: Upload[]
}

export const emptyText: DraftText = { body: '', uploads: [] }
export const emptyDraft: Draft = { mode: 'reply', reply: emptyText, note: emptyText }

const keyOf = (user: number, ticket: number | 'new') => `tandem.draft.${user}.${ticket}`

/** The draft as the browser kept it; files whose upload has expired are gone. */
export function readDraft(storage: Storage, user: number, ticket: number | 'new', now: Date): Draft {
  const text = storage.getItem(keyOf(user, ticket))
  if (text === null) return emptyDraft
  try {
    const draft = { ...emptyDraft, ...(JSON.parse(text) as Partial<Draft>) }
    return { ...draft, reply: fresh(draft.reply, now), note: fresh(draft.note, now) }
  } catch {
    return emptyDraft
  }
}

const fresh = (text: DraftText, now: Date): DraftText => ({
  ...text,
  uploads: text.uploads.filter((upload) => new Date(upload.expires_at) > now),
})

/** Keeps the draft through a reload; an empty one leaves no trace. */
export function keepDraft(storage: Storage, user: number, ticket: number | 'new', draft: Draft) {
  const key = keyOf(user, ticket)
  if (isEmpty(draft)) storage.removeItem(key)
  else storage.setItem(key, JSON.stringify(draft))
}

function isEmpty({ reply, note, ccs }: Draft): boolean {
  return [reply, note].every(({ body, uploads }) => body.trim() === '' && uploads.length === 0) && ccs === undefined
}
