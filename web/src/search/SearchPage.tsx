import { Caption1, Checkbox, makeStyles, Select, Text, tokens } from '@fluentui/react-components'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useSearchParams } from 'react-router'
import type { SearchResult, SearchResults, User } from '../api/types'
import { AgentPicker } from '../directory/AgentPicker'
import { TicketStatus } from '../desk/TicketStatus'
import { useMe } from '../session/queries'
import { FilterInput } from '../ui/FilterInput'
import { SearchIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager } from '../ui/Pager'
import { Empty, Loaded, Loading } from '../ui/states'
import { TabLinks } from '../ui/TabLinks'
import { Time } from '../ui/Time'
import { filterOf, withFilter } from './filters'
import { Highlighted } from './Highlighted'
import { placeOf, searchPath } from './place'
import { resultsPerPage, useSearch, type Order } from './queries'
import { rememberSearch } from './recent'

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM },
  filter: { display: 'flex', flexDirection: 'column', gap: '2px', maxWidth: '280px' },
  label: { fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  result: {
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalS}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowWrap: 'anywhere',
  },
  line: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  title: {
    color: tokens.colorBrandForegroundLink,
    fontWeight: tokens.fontWeightSemibold,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
  facts: { color: tokens.colorNeutralForeground2, display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  help: { display: 'grid', gridTemplateColumns: 'auto 1fr', gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`, margin: 0 },
  code: { fontFamily: tokens.fontFamilyMonospace },
  meaning: { margin: 0, color: tokens.colorNeutralForeground2 },
})

const tabs = [
  { id: 'all', type: '', name: 'search.all' },
  { id: 'ticket', type: 'type:ticket', name: 'search.tickets' },
  { id: 'user', type: 'type:user', name: 'search.people' },
  { id: 'organization', type: 'type:organization', name: 'search.organizations' },
  { id: 'group', type: 'type:group', name: 'search.teams' },
] as const

const orders = [
  { id: 'relevance', name: 'search.sort_relevance' },
  { id: 'updated_at', name: 'search.sort_updated' },
  { id: 'created_at', name: 'search.sort_created' },
  { id: 'priority', name: 'search.sort_priority' },
  { id: 'status', name: 'search.sort_status' },
] as const

/** What the filters above the results write into the query. */
const filters = [
  {
    property: 'status',
    label: 'search.filter_status',
    choices: [
      { filter: 'status<solved', name: 'search.unsolved' },
      { filter: 'status:new', name: 'status.new' },
      { filter: 'status:open', name: 'status.open' },
      { filter: 'status:pending', name: 'status.pending' },
      { filter: 'status:hold', name: 'status.hold' },
      { filter: 'status:solved', name: 'status.solved' },
      { filter: 'status:closed', name: 'status.closed' },
    ],
  },
  {
    property: 'priority',
    label: 'search.filter_priority',
    choices: [
      { filter: 'priority>normal', name: 'search.high' },
      { filter: 'priority:urgent', name: 'priority.urgent' },
      { filter: 'priority:high', name: 'priority.high' },
      { filter: 'priority:normal', name: 'priority.normal' },
      { filter: 'priority:low', name: 'priority.low' },
    ],
  },
  {
    property: 'ticket_type',
    label: 'search.filter_type',
    choices: [
      { filter: 'ticket_type:question', name: 'ticket_type.question' },
      { filter: 'ticket_type:incident', name: 'ticket_type.incident' },
      { filter: 'ticket_type:problem', name: 'ticket_type.problem' },
      { filter: 'ticket_type:task', name: 'ticket_type.task' },
    ],
  },
  {
    property: 'created',
    label: 'search.filter_created',
    choices: [
      { filter: 'created:today', name: 'search.today' },
      { filter: 'created>7days', name: 'search.week' },
      { filter: 'created>30days', name: 'search.month' },
    ],
  },
] as const

/** Everything that a search finds. The query in the address is all that the page knows. */
export function SearchPage() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const query = search.get('q') ?? ''
  const order = (search.get('sort') ?? 'relevance') as Order
  const page = Number(search.get('page') ?? '1') || 1
  const results = useSearch(query, page, resultsPerPage, order)
  useEffect(() => {
    if (query.trim()) rememberSearch(query.trim())
  }, [query])

  const change = (changes: Record<string, string>) =>
    setSearch((old) => {
      old.delete('page')
      for (const [name, value] of Object.entries(changes)) {
        if (value) old.set(name, value)
        else old.delete(name)
      }
      return old
    })
  const filter = (property: string, to: string) => change({ q: withFilter(query, property, to) })
  const type = filterOf(query, 'type')

  return (
    <Page title={t('search.title')}>
      <FilterInput label={t('search.hint')} value={query} onValue={(q) => change({ q })} />
      <div className={styles.filters}>
        {filters.map(({ property, label, choices }) => {
          const now = filterOf(query, property)
          return (
            <label key={property} className={styles.filter}>
              <span className={styles.label}>{t(label)}</span>
              <Select size="small" value={now} onChange={(_, data) => filter(property, data.value)}>
                <option value="">{t('search.filter_any')}</option>
                {now && !choices.some((choice) => choice.filter === now) && <option value={now}>{now}</option>}
                {choices.map((choice) => (
                  <option key={choice.filter} value={choice.filter}>
                    {t(choice.name)}
                  </option>
                ))}
              </Select>
            </label>
          )
        })}
        <AssigneeFilter value={filterOf(query, 'assignee')} onValue={(value) => filter('assignee', value)} />
        <Checkbox
          label={t('search.files')}
          checked={filterOf(query, 'has_attachment') === 'has_attachment:true'}
          onChange={(_, data) => filter('has_attachment', data.checked ? 'has_attachment:true' : '')}
        />
      </div>
      {query.trim() === '' ? (
        <Empty icon={<SearchIcon />} title={t('search.empty')}>
          {t('search.empty_why')}
        </Empty>
      ) : (
        <>
          <TabLinks
            label={t('search.title')}
            here={tabs.find((tab) => tab.type === type)?.id ?? ''}
            tabs={tabs.map((tab) => ({ id: tab.id, name: t(tab.name), to: searchPath(withFilter(query, 'type', tab.type)) }))}
          />
          <Loaded query={results} loading={<Loading rows={8} height={32} />}>
            {(data) => (
              <>
                <div className={styles.head}>
                  <Text role="status">
                    {(data.count ?? 0) > most
                      ? t('search.count_more', { count: most })
                      : t('search.count', { count: data.count ?? 0 })}
                  </Text>
                  <Select
                    size="small"
                    aria-label={t('search.sort')}
                    value={order}
                    onChange={(_, chosen) => change({ sort: chosen.value === 'relevance' ? '' : chosen.value })}
                  >
                    {orders.map((one) => (
                      <option key={one.id} value={one.id}>
                        {t(one.name)}
                      </option>
                    ))}
                  </Select>
                </div>
                {data.unindexed > 0 && <Caption1>{t('search.unindexed', { count: data.unindexed })}</Caption1>}
                <Results data={data} query={query} />
                <Pager
                  page={page}
                  perPage={resultsPerPage}
                  count={Math.min(data.count ?? 0, most)}
                  onPage={(p) => change({ page: p > 1 ? String(p) : '' })}
                />
              </>
            )}
          </Loaded>
        </>
      )}
      <Help />
    </Page>
  )
}

/** Whose tickets: one's own, nobody's or an agent's, by the address. */
function AssigneeFilter({ value, onValue }: { value: string; onValue: (filter: string) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const who = value.replace('assignee:', '')
  return (
    <div className={styles.filter}>
      <span className={styles.label} aria-hidden>
        {t('search.filter_assignee')}
      </span>
      <AgentPicker
        size="small"
        label={t('search.filter_assignee')}
        value={value}
        name={who === 'me' ? t('search.me') : who}
        choices={[
          { value: '', name: t('search.filter_any') },
          { value: 'assignee:none', name: t('search.nobody') },
        ]}
        onChosen={(chosen, user) => onValue(!user ? chosen : user.id === me.id ? 'assignee:me' : `assignee:${user.email}`)}
      />
    </div>
  )
}

/** How many results the server shows, and up to where it counts common words. */
const most = 1000

function Results({ data, query }: { data: SearchResults; query: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { role } = useMe()
  const people = new Map((data.users ?? []).map((user) => [user.id, user]))
  if (!data.results?.length)
    return (
      <Empty icon={<SearchIcon />} title={t('search.none', { query })}>
        {t('search.none_why')}
      </Empty>
    )
  return (
    <ol className={styles.list}>
      {data.results.map((result) => (
        <li key={`${result.result_type}-${result.id}`} className={styles.result}>
          <div className={styles.line}>
            <RouterLink to={placeOf(result, role === 'admin')} className={styles.title}>
              <Highlighted pieces={result.highlight?.title ?? []} />
            </RouterLink>
            {result.result_type === 'ticket' && <TicketStatus status={result.status} />}
          </div>
          {result.highlight?.text && result.highlight.text.length > 0 && (
            <Text as="p" block style={{ margin: 0 }}>
              <Highlighted pieces={result.highlight.text} />
            </Text>
          )}
          <Facts result={result} people={people} />
        </li>
      ))}
    </ol>
  )
}

function Facts({ result, people }: { result: SearchResult; people: Map<number, User> }) {
  const { t } = useTranslation()
  const styles = useStyles()
  switch (result.result_type) {
    case 'ticket':
      return (
        <Caption1 className={styles.facts}>
          <span>#{result.id}</span>
          <span>{people.get(result.requester_id)?.name}</span>
          <Time at={result.updated_at} />
        </Caption1>
      )
    case 'user':
      return <Caption1 className={styles.facts}>{t(`role.${result.role}`)}</Caption1>
    case 'organization':
      return <Caption1 className={styles.facts}>{t('search.organizations')}</Caption1>
    default:
      return <Caption1 className={styles.facts}>{t('search.teams')}</Caption1>
  }
}

/** The language of queries, with an example for each of its words. */
const help = [
  ['red car', 'search.help_words'],
  ['"red car"', 'search.help_phrase'],
  ['-shoes -tags:vip', 'search.help_not'],
  ['invoi*', 'search.help_star'],
  ['status<solved', 'search.help_status'],
  ['requester:ana@example.com', 'search.help_person'],
  ['organization:contoso group:support', 'search.help_organization'],
  ['tags:vip tags:urgent', 'search.help_tags'],
  ['created>3days', 'search.help_date'],
  ['subject:返品', 'search.help_subject'],
  ['custom_field_1001:gold', 'search.help_field'],
] as const

function Help() {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <details>
      <summary>{t('search.help')}</summary>
      <dl className={styles.help}>
        {help.map(([example, meaning]) => (
          <div key={example} style={{ display: 'contents' }}>
            <dt>
              <RouterLink to={searchPath(example)} className={styles.code}>
                {example}
              </RouterLink>
            </dt>
            <dd className={styles.meaning}>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
