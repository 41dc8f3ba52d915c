import { useQuery } from '@tanstack/react-query'
import type { Ticket, TicketChange } from '../api/types'
import { useFieldFault } from '../directory/fields/faults'
import { FieldInput } from '../directory/fields/FieldInput'
import { useFields } from '../directory/fields/queries'
import { defaultOf, type FieldValue } from '../directory/fields/values'
import { refusalKey } from './queries'

/** The custom fields of a ticket: each change is saved at once, what was refused is said at the field. */
export function TicketFields({
  ticket,
  disabled,
  onChange,
}: {
  ticket: Ticket
  disabled: boolean
  onChange: (change: TicketChange) => void
}) {
  const fields = useActiveFields()
  const faultOf = useFieldFault()
  // Whatever changes the ticket, the composer or the status above, leaves here why it was refused.
  const { data: refusal } = useQuery<unknown>({ queryKey: refusalKey(ticket.id), enabled: false, initialData: null })
  return (
    <>
      {fields.map((field) => (
        <FieldInput
          key={field.id}
          size="small"
          field={field}
          disabled={disabled}
          value={ticket.custom_fields.find(({ id }) => id === field.id)?.value as FieldValue}
          fault={faultOf(refusal, `custom_fields_${field.id}`, field)}
          onChange={(value) => onChange({ custom_fields: [{ id: field.id, value }] })}
        />
      ))}
    </>
  )
}

/** The custom fields of a ticket that is about to be opened. */
export function NewTicketFields({
  values,
  error,
  onChange,
}: {
  values: Record<number, FieldValue>
  error: unknown
  onChange: (id: number, value: FieldValue) => void
}) {
  const fields = useActiveFields()
  const faultOf = useFieldFault()
  return (
    <>
      {fields.map((field) => (
        <FieldInput
          key={field.id}
          eager
          field={field}
          value={values[field.id] === undefined ? defaultOf(field) : values[field.id]}
          fault={faultOf(error, `custom_fields_${field.id}`, field)}
          onChange={(value) => onChange(field.id, value)}
        />
      ))}
    </>
  )
}

const useActiveFields = () => (useFields('ticket').data ?? []).filter((field) => field.active)
