import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { Problem } from '../api/problem'
import type { TicketShown } from '../api/types'
import { medium, narrow, short } from '../ui/layout'
import { usePageTitle } from '../ui/Page'
import { useShortcuts } from '../ui/shortcuts'
import { Loaded, Loading } from '../ui/states'
import { TabLinks } from '../ui/TabLinks'
import { AtTicket } from './AtTicket'
import { Composer } from './Composer'
import { ConversationPane } from './ConversationPane'
import { ContextPane } from './ContextPane'
import { lastList } from './lastList'
import { DeletedNotice } from './life/DeletedNotice'
import { PropertiesPane } from './PropertiesPane'
import { useTicket } from './queries'
import { SiblingNotice } from './SiblingNotice'
import { TicketHead } from './TicketHead'

const JourneyDrawer = lazy(() => import('../email/JourneyDrawer').then((m) => ({ default: m.JourneyDrawer })))

const panes = ['conversation', 'properties', 'context'] as const
type Pane = (typeof panes)[number]

const useStyles = makeStyles({
  page: { height: '100%', display: 'flex', flexDirection: 'column', minHeight: 0 },
  panes: {
    flexGrow: 1,
    minHeight: 0,
    display: 'grid',
    gridTemplate: '"properties conversation context" minmax(0, 1fr) / 240px minmax(0, 1fr) 280px',
    [medium]: {
      gridTemplate: '"properties conversation" auto "context conversation" minmax(0, 1fr) / 232px minmax(0, 1fr)',
    },
    [narrow]: { display: 'flex', flexDirection: 'column' },
  },
  pane: { overflowY: 'auto', minHeight: 0, minWidth: 0 },
  side: { padding: tokens.spacingHorizontalL, backgroundColor: tokens.colorNeutralBackground2 },
  properties: {
    gridArea: 'properties',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  context: {
    gridArea: 'context',
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    [medium]: { borderLeftWidth: 0, borderRight: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  conversation: {
    gridArea: 'conversation',
    display: 'flex',
    flexDirection: 'column',
    overflowY: 'hidden',
    // Too low for both: what was said keeps its room, and one scrolls to the composer.
    [short]: { overflowY: 'auto' },
  },
  tabs: { display: 'none', [narrow]: { display: 'flex' } },
  // On a narrow screen one pane is the page.
  away: { [narrow]: { display: 'none' } },
  alone: { [narrow]: { flexGrow: 1 } },
})

/** One ticket: its properties, the conversation with the composer, and what is known around it. */
export function TicketPage() {
  const { id } = useParams()
  const ticket = useTicket(Number(id))
  if (ticket.error instanceof Problem && ticket.error.code === 'ticket_deleted')
    return <DeletedNotice ticket={Number(id)} />
  return (
    <Loaded query={ticket} loading={<Loading rows={10} />}>
      {(data) => <Panes key={id} data={data} />}
    </Loaded>
  )
}

function Panes({ data }: { data: TicketShown }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const [search, setSearch] = useSearchParams()
  const { ticket } = data
  const pane = panes.find((one) => one === search.get('pane')) ?? 'conversation'
  const mail = Number(search.get('mail')) || undefined
  usePageTitle(`#${ticket.id} ${ticket.subject}`)
  useShortcuts({ u: () => void navigate(lastList()) })

  const set = (name: string, value?: string) =>
    setSearch(
      (old) => {
        if (value) old.set(name, value)
        else old.delete(name)
        return old
      },
      { replace: true },
    )
  const classOf = (one: Pane, ...more: (string | false)[]) =>
    mergeClasses(styles.pane, styles[one], ...more, one === pane ? styles.alone : styles.away)

  return (
    <div className={styles.page}>
      <TicketHead data={data} />
      <TabLinks
        className={styles.tabs}
        label={t('ticket.panes')}
        here={pane}
        tabs={panes.map((one) => ({
          id: one,
          to: one === 'conversation' ? '?' : `?pane=${one}`,
          name: t(`ticket.pane.${one}`),
        }))}
      />
      <div className={styles.panes}>
        <aside className={classOf('properties', styles.side)} aria-label={t('ticket.pane.properties')}>
          <PropertiesPane data={data} />
        </aside>
        <section className={classOf('conversation')} aria-label={t('ticket.pane.conversation')}>
          <ConversationPane ticket={ticket} onJourney={(id) => set('mail', String(id))} />
          <SiblingNotice ticket={ticket} />
          <AtTicket ticket={ticket} />
          <Composer data={data} />
        </section>
        <aside className={classOf('context', styles.side)} aria-label={t('ticket.pane.context')}>
          <ContextPane data={data} onJourney={(id) => set('mail', String(id))} />
        </aside>
      </div>
      {mail && (
        <Suspense>
          <JourneyDrawer mail={mail} onClose={() => set('mail')} />
        </Suspense>
      )}
    </div>
  )
}
