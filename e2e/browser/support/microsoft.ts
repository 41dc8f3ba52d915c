import { contoso } from './contoso'

// What a test does to the simulated Microsoft 365 behind the product's back.

async function control<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${contoso.microsoft}/sim/${path}`, {
    method,
    body: typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} /sim/${path}: ${answer.status} ${text}`)
  return (text ? JSON.parse(text) : undefined) as Answer
}

export interface Sent {
  subject: string
  text: string
  in_reply_to: string
  references: string
  internet_message_id: string
  recipients: string[]
  cc: string[]
  attachments: { name: string; size: number; inline: boolean; content_id?: string }[]
}

export interface Stored extends Sent {
  id: string
  from: string
  to: string[]
  is_read: boolean
}

export const microsoft = {
  /** A mail from a stranger's mail server; answers with its Message-ID. */
  async mail(mail: {
    from: string
    name?: string
    to?: string
    subject: string
    text: string
    html?: string
    inReplyTo?: string
  }): Promise<string> {
    const { internet_message_id } = await control<{ internet_message_id: string }>('POST', 'mail', {
      from: mail.from,
      from_name: mail.name,
      to: [mail.to ?? 'support@contoso.example'],
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      in_reply_to: mail.inReplyTo,
    })
    return internet_message_id
  },

  /** A mail exactly as given, in RFC 5322 form. */
  async deliver(raw: string[], to = 'support@contoso.example'): Promise<void> {
    await control('POST', `mailboxes/${to}/messages`, raw.join('\r\n'))
  },

  /** What left the organisation with that subject, newest first. */
  async outbox(subject: string): Promise<Sent[]> {
    const { messages } = await control<{ messages: Sent[] }>('GET', 'outbox')
    return messages.filter((mail) => mail.subject === subject)
  },

  async folder(mailbox: string, folder: string, subject: string): Promise<Stored[]> {
    const query = `folder=${folder}&q=${encodeURIComponent(subject)}`
    return (await control<{ messages: Stored[] }>('GET', `mailboxes/${mailbox}/messages?${query}`)).messages
  },

  /** Makes a mailbox forward its mail, and keep a copy. */
  forward: (mailbox: string, to: string, smtp: string) =>
    control('PUT', `mailboxes/${mailbox}/forwarding`, { forwarding_smtp_address: to, smtp }),
  /** A mail as it is written, in RFC 5322 form. */
  async source(mailbox: string, id: string): Promise<string> {
    const answer = await fetch(`${contoso.microsoft}/sim/mailboxes/${mailbox}/messages/${id}/raw`)
    return answer.text()
  },

  /** A new client secret of Tandem's app registration, as somebody makes one in Entra; answers with its value. */
  async secret(): Promise<string> {
    const { applications } = await control<{ applications: { client_id: string }[] }>('GET', 'applications')
    const path = `applications/${applications[0]!.client_id}/secrets`
    return (await control<{ value: string }>('POST', path, { expires_in: '4320h' })).value
  },

  /** Registers a certificate for Tandem's app registration. */
  async certificate(pem: string): Promise<void> {
    const { applications } = await control<{ applications: { client_id: string }[] }>('GET', 'applications')
    await control('POST', `applications/${applications[0]!.client_id}/certificates`, { pem })
  },

  fault: (fault: Record<string, unknown>) => control('POST', 'faults', fault),

  /** Ends everything that was made to go wrong. */
  heal: () => control('DELETE', 'faults'),
}
