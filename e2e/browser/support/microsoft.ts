import { inject } from 'vitest'

// What a test does to the simulated Microsoft 365 behind the product's back.

async function control<Answer = unknown>(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(`${inject('microsoft')}/sim/${path}`, {
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

  /** A mail as it is written, in RFC 5322 form. */
  async source(mailbox: string, id: string): Promise<string> {
    const answer = await fetch(`${inject('microsoft')}/sim/mailboxes/${mailbox}/messages/${id}/raw`)
    return answer.text()
  },

  fault: (fault: Record<string, unknown>) => control('POST', 'faults', fault),

  /** Ends everything that was made to go wrong. */
  heal: () => control('DELETE', 'faults'),
}
