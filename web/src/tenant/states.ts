import type { Credential } from '../api/types'
import type { Tone } from '../ui/StatusMark'

const tones: Record<Credential['state'], Tone> = {
  working: 'ok',
  untried: 'neutral',
  expired: 'error',
  refused: 'error',
}

export const credentialTone = (state: Credential['state']): Tone => tones[state]

/** How near the end is: what is to be done within a week is red, within a month orange. */
export function expiryTone(daysLeft: number | null): Tone {
  if (daysLeft === null) return 'neutral'
  if (daysLeft < 7) return 'error'
  return daysLeft < 30 ? 'warning' : 'ok'
}

/** Whether no other credential works than this one. */
export const isLastWorking = (one: Credential, all: Credential[]): boolean =>
  one.state === 'working' && !all.some((other) => other.id !== one.id && other.state === 'working')

/** The end of a day that was typed in as yyyy-mm-dd, where the administrator is. */
export const endOfDay = (day: string): string => new Date(`${day}T23:59:59`).toISOString()

/** An instant as the day that a date field shows; empty when there is none. */
export function dayOf(at: string | null): string {
  if (!at) return ''
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
