import type { AuditLog } from '../api/types'

export interface ChangedField {
  field: string
  before: string
  after: string
}

/** The fields that an administrative change touched, with their values as text. */
export function changedFields(change: AuditLog['change']): ChangedField[] {
  const before = fieldsOf(change?.before)
  const after = fieldsOf(change?.after)
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }))
    .filter((one) => one.before !== one.after)
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
