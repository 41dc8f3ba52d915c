import type { ConnectionStatus, MailState } from '../api/types'
import type { Tone } from '../ui/StatusMark'

/** The states of mail, in the order in which the ledger's filter offers them. */
export const mailStates = {
  in: ['ticketed', 'commented', 'flagged', 'duplicate', 'handed_over', 'ours', 'suspended', 'report', 'quarantined', 'noticed', 'gone', 'deleted'],
  out: ['waiting', 'drafted', 'sending', 'sent', 'bounced', 'failed'],
} as const

const tones: Record<MailState, Tone> = {
  noticed: 'busy',
  ticketed: 'ok',
  commented: 'ok',
  flagged: 'warning',
  duplicate: 'neutral',
  handed_over: 'neutral',
  ours: 'neutral',
  suspended: 'warning',
  report: 'neutral',
  deleted: 'neutral',
  quarantined: 'error',
  gone: 'neutral',
  waiting: 'busy',
  drafted: 'busy',
  sending: 'busy',
  sent: 'ok',
  bounced: 'error',
  failed: 'error',
}

export const isMailState = (state: string): state is MailState => state in tones

export const mailTone = (state: MailState): Tone => tones[state]

export const connectionTones: Record<ConnectionStatus, Tone> = {
  verified: 'ok',
  importing: 'busy',
  waiting: 'warning',
  error: 'error',
  authorizing: 'busy',
  disconnected: 'neutral',
}

const noticedBy = ['push', 'poll', 'import', 'reconcile', 'smtp'] as const

export const isNoticedBy = (way: string): way is (typeof noticedBy)[number] => noticedBy.some((one) => one === way)
