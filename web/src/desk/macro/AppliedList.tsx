import { makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { AppliedMacro } from '../../api/types'
import { usePeopleNamed } from '../../directory/queries'
import { useGroups } from '../trigger/queries'
import { namesPeople, numbersIn, textOf } from '../trigger/happened'

const useStyles = makeStyles({
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalL, overflowWrap: 'anywhere' },
  draft: { whiteSpace: 'pre-wrap', maxHeight: '120px', overflowY: 'auto', color: tokens.colorNeutralForeground2 },
  left: { color: tokens.colorPaletteDarkOrangeForeground1 },
})

/** What a macro changes, in lines. */
export function AppliedList({ applied }: { applied: AppliedMacro }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const names = usePeopleNamed(applied.changes.filter(({ field_name }) => namesPeople(field_name)).flatMap(({ value }) => numbersIn(value)))
  const { data: groups = [] } = useGroups()
  const wordOf = (field: string, value: unknown): string => {
    const text = textOf(value)
    if (text === '') return t('macro.nothing')
    if (field === 'assignee_id') return names.get(Number(text)) ?? text
    if (field === 'follower_ids')
      return text.split(/[,\s]+/).map((one) => names.get(Number(one)) ?? one).join(', ')
    if (field === 'group_id') return groups.find(({ id }) => String(id) === text)?.name ?? text
    if (field === 'status') return t(`status.${text as 'open'}`)
    if (field === 'priority') return t(`priority.${text as 'low'}`)
    if (field === 'type') return t(`ticket_type.${text as 'task'}`)
    return text
  }
  const known = ['subject', 'status', 'priority', 'type', 'assignee_id', 'group_id', 'brand_id', 'tags', 'email_cc_ids', 'follower_ids'] as const
  return (
    <ul className={styles.list}>
      {applied.changes.map(({ field_name: field, value }) => {
        const name = known.find((one) => one === field)
        return (
          <li key={field}>
            {t('macro.becomes', { field: name ? t(`macro.field.${name}`) : field, value: wordOf(field, value) })}
          </li>
        )
      })}
      {applied.comment.body && (
        <li>
          {applied.comment.public === false ? t('macro.writes_note') : t('macro.writes')}
          <div className={styles.draft}>{applied.comment.body}</div>
        </li>
      )}
      {applied.failed.map((fault) => (
        <li key={fault.field} className={styles.left}>
          {t('macro.left_out', { why: fault.message })}
        </li>
      ))}
    </ul>
  )
}
