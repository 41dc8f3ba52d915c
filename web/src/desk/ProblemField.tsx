import { Field, makeStyles } from '@fluentui/react-components'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf, api } from '../api/client'
import type { Ticket } from '../api/types'
import { Finder } from '../directory/Finder'
import { ticketNumber } from '../search/filters'
import { Chip } from '../ui/Chip'
import { TextLink } from '../ui/TextLink'
import { useTicket } from './queries'

const useStyles = makeStyles({ chosen: { minWidth: 0 } })

/** Which problem an incident comes from: found by its words or number. */
export function ProblemField({
  ticket,
  disabled,
  onChange,
}: {
  ticket: Ticket
  disabled: boolean
  onChange: (problem: number | null) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [text, setText] = useState('')
  const { data: found } = useProblemsLike(useDeferredValue(text), !disabled)
  const chosen = ticket.problem_id
  const { data: problem } = useTicket(chosen ?? 0, chosen !== null)
  const name = [`#${chosen}`, problem?.ticket.subject].filter(Boolean).join(' ')
  if (chosen === null && !disabled)
    return (
      <Finder
        label={t('ticket.problem')}
        placeholder={t('ticket.find_problem')}
        size="small"
        text={text}
        found={found?.filter(({ id }) => id !== ticket.id)}
        onText={setText}
        onChosen={onChange}
      />
    )
  return (
    <Field label={t('ticket.problem')} size="small">
      <div className={styles.chosen}>
        {chosen !== null && (
          <Chip title={name} removeLabel={t('ticket.remove_problem')} onRemove={disabled ? undefined : () => onChange(null)}>
            <TextLink to={`/tickets/${chosen}`}>{name}</TextLink>
          </Chip>
        )}
      </div>
    </Field>
  )
}

/** Problems with these words, or of this number; those that changed last when nothing is asked. */
const useProblemsLike = (text: string, enabled: boolean) =>
  useQuery({
    queryKey: ['tickets', 'problems', text],
    queryFn: async ({ signal }) => {
      const number = ticketNumber(text)
      // What is typed are words, whatever they look like; the last one is still being written.
      const words = text.replaceAll('"', ' ').trim().split(/\s+/).filter(Boolean).map((word, i, all) => (i === all.length - 1 ? `"${word}"*` : `"${word}"`))
      const query = ['ticket_type:problem', 'status<closed', ...(number ? [`id:${number}`] : words)].join(' ')
      const { results } = await answerOf(
        api.GET('/search', { params: { query: { query, sort_by: 'updated_at', per_page: 8 } }, signal }),
      )
      return results.flatMap((one) =>
        one.result_type === 'ticket' ? [{ id: one.id, name: one.subject || `#${one.id}`, detail: `#${one.id}` }] : [],
      )
    },
    enabled,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  })
