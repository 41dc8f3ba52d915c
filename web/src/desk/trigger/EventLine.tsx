import { makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { AuditEvent } from '../../api/types'
import { hasWords, namesPeople, textOf } from './happened'
import { useGroups } from './queries'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  line: { overflowWrap: 'anywhere' },
  before: { color: tokens.colorNeutralForeground3, textDecorationLine: 'line-through' },
})

/** One thing that happened, or would, in a sentence. */
export function EventLine({ event, names }: { event: AuditEvent; names: Map<number, string> }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useTriggerWords()
  const { data: teams = [] } = useGroups()
  const field = event.field_name ?? ''
  const shown = (value: unknown) => {
    const text = textOf(value)
    if (text === '') return '–'
    if (hasWords(field)) return words.value(field, text)
    if (field === 'group_id') return teams.find(({ id }) => String(id) === text)?.name ?? `#${text}`
    if (!namesPeople(field)) return text
    return text
      .split(', ')
      .map((id) => names.get(Number(id)) ?? `#${id}`)
      .join(', ')
  }
  const sentence = () => {
    switch (event.type) {
      case 'Create':
      case 'Change':
        return (
          <>
            {event.field_title ?? t(`history.field.${field}` as never)}:{' '}
            {textOf(event.previous_value) !== '' && <s className={styles.before}>{shown(event.previous_value)}</s>}{' '}
            {shown(event.value)}
          </>
        )
      case 'Comment':
        return event.public ? t('history.replied') : t('history.noted')
      case 'CommentPrivacyChange':
        return event.public ? t('history.accepted') : t('history.made_internal')
      case 'TicketMerge':
        return t('history.merged', { tickets: textOf(event.value) })
      case 'CommentWithdrawn':
        return t('history.withdrawn')
      case 'Notification': {
        const to = event.recipient_addresses?.join(', ') ?? ''
        return event.reason
          ? t('history.held_back', { to, why: words.reason(event.reason) })
          : t('history.wrote', { to, subject: event.subject ?? '' })
      }
      case 'Error':
        return t('history.failed', { why: words.reason(event.reason ?? '') })
    }
  }
  return <span className={styles.line}>{sentence()}</span>
}
