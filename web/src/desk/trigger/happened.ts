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

/** The numbers in a value that is one or several. */
export const numbersIn = (value: unknown): number[] =>
  textOf(value)
    .split(/[,\s]+/)
    .map(Number)
    .filter((id) => id > 0)

/** The numbers of the people whom events name. */
export const peopleIn = (events: AuditEvent[]): number[] =>
  events
    .filter(({ field_name }) => namesPeople(field_name ?? ''))
    .flatMap(({ value, previous_value }) => [value, previous_value])
    .flatMap(numbersIn)

/** The events that tell something to people: not what a ticket begins with. */
export const worthTelling = (events: AuditEvent[]) =>
  events.filter((event) => event.type !== 'Create' || event.via !== undefined)
