import type { AuditEvent } from '../../api/types'

/** A value of an event as text; lists by commas. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return Array.isArray(value) ? value.join(', ') : String(value)
}

const fieldsWithWords = new Set(['status', 'priority', 'type'])

// The API names custom fields by their numbers.
const isCustom = (field: string) => /^\d+$/.test(field)

/** Whether the values of a field have names: words of ours, or the options of a custom field. */
export const hasWords = (field: string) => fieldsWithWords.has(field) || isCustom(field)

const people = new Set(['requester_id', 'assignee_id', 'email_cc_ids', 'follower_ids'])

/** Whether the values of a field are people's numbers. */
export const namesPeople = (field: string) => people.has(field)

/** The events that tell something to people: not what a ticket begins with. */
export const worthTelling = (events: AuditEvent[]) =>
  events.filter((event) => event.type !== 'Create' || event.via !== undefined)
