import { vi } from 'vitest'
import { contoso } from './contoso'

// What a test sets up or looks up through the API, where the page is not what it is about.

const basic = `Basic ${btoa('admin@contoso.example/token:demo-token')}`

export async function api<Answer>(method: string, path: string, body?: unknown, at = contoso.tandem): Promise<Answer> {
  const answer = await fetch(`${at}/api/v2${path}`, {
    method,
    headers: { Authorization: basic, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as Answer
}

interface Ticket {
  id: number
  subject: string
}

/** The number of the ticket that a mail of this subject became, as soon as it is one. */
export function ticketOf(subject: string): Promise<number> {
  const find = async () => {
    const { tickets } = await api<{ tickets: Ticket[] }>('GET', `/tickets?query=${encodeURIComponent(subject)}`)
    const found = tickets.find((ticket) => ticket.subject === subject)
    if (!found) throw new Error(`no ticket has come of the mail "${subject}"`)
    return found.id
  }
  return vi.waitFor(find, { timeout: 10_000, interval: 50 })
}

/** The number of the suspended mail with this subject, as soon as there is one. */
export function suspended(subject: string): Promise<number> {
  const find = async () => {
    const queue = await api<{ suspended_tickets: Ticket[] }>('GET', `/suspended_tickets?query=${encodeURIComponent(subject)}`)
    const found = queue.suspended_tickets.find((mail) => mail.subject === subject)
    if (!found) throw new Error(`the mail "${subject}" is not suspended`)
    return found.id
  }
  return vi.waitFor(find, { timeout: 10_000, interval: 50 })
}

/** Writes a reply as the administrator, by the way that programs use. */
export const reply = (ticket: number, body: string) =>
  api('PUT', `/tickets/${ticket}`, { ticket: { comment: { body, public: true } } })

/** The number of a support address; undefined when it is none. */
export async function addressOf(email: string): Promise<number | undefined> {
  const { recipient_addresses } = await api<{ recipient_addresses: { id: number; email: string }[] }>(
    'GET',
    '/recipient_addresses',
  )
  return recipient_addresses.find((address) => address.email === email)?.id
}

/**
 * Has the mailboxes read again that a story brought into trouble: else the next
 * story's mail would wait until Tandem tries by itself.
 */
export async function recover(): Promise<void> {
  const troubled = async () => {
    const { connections } = await api<{ connections: { id: number; status: string }[] }>('GET', '/connections')
    return connections.filter(({ status }) => status === 'error' || status === 'waiting')
  }
  for (const { id } of await troubled()) await api('POST', `/connections/${id}/sync`)
  const well = async () => {
    if ((await troubled()).length > 0) throw new Error('a mailbox is still in trouble')
  }
  await vi.waitFor(well, { timeout: 5_000, interval: 100 }).catch(() => undefined) // the story may have left it so on purpose
}
