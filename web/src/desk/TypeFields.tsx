import { Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import type { Ticket, TicketChange } from '../api/types'
import { useIncidentCount } from './queries'

const ProblemField = lazy(() => import('./ProblemField').then((m) => ({ default: m.ProblemField })))

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
})

const types = ['question', 'incident', 'problem', 'task'] as const

/** What kind of matter a ticket is; the problem behind an incident, a problem's incidents, a task's day. */
export function TypeFields({
  ticket,
  disabled,
  onChange,
}: {
  ticket: Ticket
  disabled: boolean
  onChange: (change: TicketChange) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.fields}>
      <Field label={t('ticket.type')} size="small">
        <Select
          value={ticket.type ?? ''}
          disabled={disabled}
          onChange={(_, { value }) => onChange({ type: value || null })}
        >
          <option value="">–</option>
          {types.map((type) => (
            <option key={type} value={type}>
              {t(`ticket_type.${type}`)}
            </option>
          ))}
        </Select>
      </Field>
      {ticket.type === 'task' && (
        <Field label={t('ticket.due')} size="small">
          <Input
            type="date"
            disabled={disabled}
            value={dayOf(ticket.due_at)}
            onChange={(_, { value }) => onChange({ due_at: value ? endOfDay(value) : null })}
          />
        </Field>
      )}
      {ticket.type === 'incident' && (
        <Suspense>
          <ProblemField ticket={ticket} disabled={disabled} onChange={(problem_id) => onChange({ problem_id })} />
        </Suspense>
      )}
      {ticket.type === 'problem' && <Incidents ticket={ticket.id} />}
    </div>
  )
}

/** How many incidents come from a problem; solving it solves them. */
function Incidents({ ticket }: { ticket: number }) {
  const { t } = useTranslation()
  const { data: count } = useIncidentCount(ticket)
  if (!count) return null
  return <span>{t('ticket.incidents', { count })}</span>
}

/** The day of an instant where the reader is, as date inputs write it. */
function dayOf(at: string | null) {
  if (!at) return ''
  const day = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

const endOfDay = (day: string) => new Date(`${day}T23:59:59`).toISOString()
