import type { SavedDraft, Upload } from '../api/types'

/** What is being written on a ticket and has not been sent: a reply and a note, each kept apart. */
export interface Draft {
  mode: 'reply' | 'note'
  reply: DraftText
  note: DraftText
  /** Addresses in copy, when they were changed. */
  ccs?: string[]
  /** Of a ticket that is yet to be opened. */
  subject: string
  requester: string
}

export interface DraftText {
  html: string
  /** Files that go along. */
  files: Upload[]
  /** Pictures that the text shows, or showed until its writer took them out again. */
  pictures: Upload[]
}

export const emptyText: DraftText = { html: '', files: [], pictures: [] }
export const emptyDraft: Draft = { mode: 'reply', reply: emptyText, note: emptyText, subject: '', requester: '' }

/** Where text finds an uploaded file; what follows the path may differ. */
export const addressOf = (upload: Upload) => upload.attachment.content_url.split('?')[0]!

/** True when the text shows the picture. */
export const shows = (html: string, upload: Upload) => html.includes(`"${addressOf(upload)}`)

const waiting = /<img[^>]* data-waits="[^"]*"[^>]*>/g

/** True while a picture in the text has not arrived. */
export const waits = (html: string) => html.search(waiting) >= 0

/** The text without the pictures that have not arrived. */
export const arrived = (html: string) => html.replace(waiting, '')

/** Puts a picture that has arrived where the text waits for it. */
export function placePicture(draft: Draft, key: string, upload: Upload): Draft {
  const half = (['reply', 'note'] as const).find((one) => draft[one].html.includes(`data-waits="${key}"`)) ?? draft.mode
  const { html, pictures } = draft[half]
  const placed = html.replace(`data-waits="${key}"`, `src="${addressOf(upload)}?inline=1"`)
  return { ...draft, [half]: { ...draft[half], html: placed, pictures: [...pictures, upload] } }
}

/** The tokens of everything that goes with the text: its files, and the pictures that are still in it. */
export const tokensOf = ({ html, files, pictures }: DraftText): string[] => [
  ...files.map((upload) => upload.token),
  ...pictures.filter((upload) => shows(html, upload)).map((upload) => upload.token),
]

export const hasContent = (text: DraftText) => text.html !== '' || text.files.length > 0

/** A draft as the server keeps it. */
export function readSaved(saved: SavedDraft): Draft {
  const half = ({ html_body: html, uploads }: SavedDraft['reply']): DraftText => ({
    html,
    files: uploads.filter((upload) => !shows(html, upload)),
    pictures: uploads.filter((upload) => shows(html, upload)),
  })
  return {
    mode: saved.mode,
    reply: half(saved.reply),
    note: half(saved.note),
    ccs: saved.email_ccs ?? undefined,
    subject: saved.subject,
    requester: saved.requester,
  }
}

/** What was written, without how it is shown: two drafts of equal words are the same. */
export function wordsOf(draft: Draft): string {
  const half = (text: DraftText) => [arrived(text.html), tokensOf(text)]
  return JSON.stringify([half(draft.reply), half(draft.note), draft.ccs ?? null, draft.subject, draft.requester])
}

export const isEmptyDraft = (draft: Draft) => wordsOf(draft) === wordsOf(emptyDraft)
