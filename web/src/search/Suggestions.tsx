import { Caption1, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { SearchResult } from '../api/types'
import { TicketStatus } from '../desk/TicketStatus'
import { useMe } from '../session/queries'
import { Highlighted } from './Highlighted'
import { ticketNumber } from './filters'
import { placeOf, searchPath } from './place'
import { useSearch } from './queries'
import { recentSearches } from './recent'

const useStyles = makeStyles({
  group: { padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM} 2px`, color: tokens.colorNeutralForeground2 },
  option: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  active: { backgroundColor: tokens.colorNeutralBackground1Selected },
  words: { flex: '1 1 0', minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  more: { color: tokens.colorNeutralForeground2 },
})

export interface Suggestion {
  id: string
  to: string
  group: string
  shown: ReactNode
  more?: ReactNode
}

/** What is found while one types: the ticket with that number, tickets, people, organizations, teams; before that, recent searches. */
export function Suggestions({
  query,
  active,
  listID,
  onOptions,
  onChoose,
}: {
  query: string
  active: number
  listID: string
  onOptions: (options: Suggestion[]) => void
  onChoose: (option: Suggestion, newTab: boolean) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { role } = useMe()
  const settled = useSettled(query.trim())
  const { data } = useSearch(settled, 1, 8)
  const options = useMemo<Suggestion[]>(() => {
    const typed = query.trim()
    if (typed === '')
      return recentSearches().map((one) => ({ id: `recent-${one}`, to: searchPath(one), group: t('search.recent'), shown: one }))
    const all: Suggestion[] = []
    const number = ticketNumber(typed)
    if (number) all.push({ id: 'number', to: `/tickets/${number}`, group: '', shown: t('search.go_ticket', { number }) })
    for (const result of settled === '' ? [] : (data?.results ?? [])) {
      all.push({ id: `${result.result_type}-${result.id}`, to: placeOf(result, role === 'admin'), group: t(groups[result.result_type]), ...shownAs(result) })
    }
    all.push({ id: 'all', to: searchPath(typed), group: '', shown: t('search.see_all', { query: typed }) })
    return all
  }, [query, settled, data, role, t])
  useEffect(() => onOptions(options), [options, onOptions])

  if (options.length === 0) return null
  return (
    <div role="listbox" id={listID} aria-label={t('search.suggestions')}>
      {options.map((option, i) => (
        <div key={option.id}>
          {option.group && option.group !== options[i - 1]?.group && (
            <Caption1 as="p" block className={styles.group} role="presentation">
              {option.group}
            </Caption1>
          )}
          <div
            role="option"
            id={`${listID}-${i}`}
            aria-selected={i === active}
            className={mergeClasses(styles.option, i === active && styles.active)}
            onMouseDown={(event) => event.preventDefault()} // the box keeps the focus
            onClick={(event) => onChoose(option, event.ctrlKey || event.metaKey)}
          >
            <Text className={styles.words}>{option.shown}</Text>
            {option.more && <span className={styles.more}>{option.more}</span>}
          </div>
        </div>
      ))}
    </div>
  )
}

const groups = {
  ticket: 'search.tickets',
  user: 'search.people',
  organization: 'search.organizations',
  group: 'search.teams',
} as const

function shownAs(result: SearchResult): Pick<Suggestion, 'shown' | 'more'> {
  const title = result.highlight ? <Highlighted pieces={result.highlight.title ?? []} /> : null
  switch (result.result_type) {
    case 'ticket':
      return {
        shown: (
          <>
            #{result.id} {title}
          </>
        ),
        more: <TicketStatus status={result.status} />,
      }
    case 'user':
      return { shown: title, more: <Caption1>{result.email}</Caption1> }
    default:
      return { shown: title }
  }
}

/** The text as it was when the last key was pressed a moment ago. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 150)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
