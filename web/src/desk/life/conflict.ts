import type { Ticket, TicketChange } from '../../api/types'

/** What both sides can change of a ticket, each as the API names it. */
const fields = ['status', 'priority', 'assignee_id', 'group_id', 'type', 'problem_id', 'due_at', 'subject', 'tags'] as const
type Field = (typeof fields)[number]

/** Fields that are one choice: half of a change of it would undo the others'. */
const choices: Field[][] = [
  ['group_id', 'assignee_id'],
  ['type', 'problem_id', 'due_at'],
]

/** A change that was refused because somebody else had changed the ticket since it was seen. */
export interface Conflict {
  error: unknown
  seen: Ticket
  wanted: TicketChange
  now: Ticket
}

/** One property that somebody changed meanwhile, or that is about to be changed here. */
export interface ConflictRow {
  field: Field | number
  before: unknown
  /** undefined: not changed here. */
  mine?: unknown
  /** undefined: nobody else changed it. */
  theirs?: unknown
}

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)

/** Compares what is wanted here with what others did since the ticket was seen. */
export function conflictRows(seen: Ticket, wanted: TicketChange, now: Ticket): ConflictRow[] {
  const rows: ConflictRow[] = []
  const add = (field: ConflictRow['field'], before: unknown, mine: unknown, theirs: unknown) => {
    const row: ConflictRow = { field, before: before ?? null }
    if (mine !== undefined && !same(mine, before)) row.mine = mine
    if (!same(theirs, before)) row.theirs = theirs ?? null
    if ('mine' in row || 'theirs' in row) rows.push(row)
  }
  for (const field of fields) add(field, seen[field], wanted[field], now[field])
  const wish = new Map(wanted.custom_fields?.map(({ id, value }) => [id, value]))
  for (const { id, value } of seen.custom_fields) {
    add(id, value, wish.get(id), now.custom_fields.find((one) => one.id === id)?.value)
  }
  return rows
}

/** Whether both sides changed a property, and not to the same. */
export const overlaps = (row: ConflictRow) => 'mine' in row && 'theirs' in row && !same(row.mine, row.theirs)

/** Whether both sides made the same choice in different ways. */
export const clashes = (rows: ConflictRow[]) =>
  rows.some(overlaps) ||
  choices.some((choice) => {
    const own = rows.filter(({ field }) => (choice as unknown[]).includes(field))
    return own.some((row) => 'mine' in row && !same(row.mine, row.theirs)) && own.some((row) => 'theirs' in row)
  })

/** What is wanted here without what others have changed meanwhile; what is said stays. */
export function withoutOverlap(wanted: TicketChange, rows: ConflictRow[]): TicketChange {
  const theirs = new Set(rows.filter((row) => 'theirs' in row).map(({ field }) => field))
  const kept = { ...wanted }
  for (const field of fields) if (theirs.has(field)) delete kept[field]
  for (const choice of choices) if (choice.some((field) => theirs.has(field))) for (const field of choice) delete kept[field]
  if (kept.custom_fields) kept.custom_fields = kept.custom_fields.filter(({ id }) => !theirs.has(id))
  return kept
}

/** Whether a change asks for anything. */
export const asksFor = (change: TicketChange) =>
  Object.values(change).some((value) => value !== undefined && !(Array.isArray(value) && value.length === 0))
