import { useTranslation } from 'react-i18next'
import type { MailDetails } from '../api/types'
import { TextLink } from '../ui/TextLink'

/** Kinds of evidence whose value is the number of a ticket or of a mail. */
const ticketFacts = ['stranger_to', 'thread_of_other_address', 'sibling', 'merged_ticket', 'deleted_with_ticket']
const mailFacts = ['original', 'reported_mail']

/** One piece of what a mail was judged by. */
export function Evidence({ fact: { name, value } }: { fact: MailDetails['evidence'][number] }) {
  const { t, i18n } = useTranslation()
  if (ticketFacts.includes(name)) return <TextLink to={`/tickets/${value}`}>#{value}</TextLink>
  if (mailFacts.includes(name)) return <TextLink to={`/admin/mail/${value}`}>#{value}</TextLink>
  const groups: Record<string, string> = { ticket_status: 'status', suspended_for: 'cause' }
  const key = `${groups[name] ?? name}.${value}`
  return i18n.exists(key) ? String(t(key as never)) : value
}

/** The words for a rule or a kind of evidence; its own name when there are none. */
export function useKnownWords() {
  const { t, i18n } = useTranslation()
  return (group: 'rule' | 'evidence', name: string): string => {
    const key = `${group}.${name}`
    return i18n.exists(key) ? String(t(key as never)) : name
  }
}
