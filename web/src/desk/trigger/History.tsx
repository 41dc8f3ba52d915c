import { makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { AuditEvent, TicketAudit, User } from '../../api/types'
import { usePeopleNamed } from '../../directory/queries'
import { useMe } from '../../session/queries'
import { Loaded, Loading } from '../../ui/states'
import { TextLink } from '../../ui/TextLink'
import { Time } from '../../ui/Time'
import { EventLine } from './EventLine'
import { peopleIn, worthTelling } from './happened'
import { useHistory } from './queries'

const useStyles = makeStyles({
  heading: { margin: `0 0 ${tokens.spacingVerticalS}`, display: 'block' },
  list: { listStyleType: 'none', margin: 0, padding: 0, fontSize: tokens.fontSizeBase200 },
  change: {
    paddingLeft: tokens.spacingHorizontalM,
    paddingBottom: tokens.spacingVerticalM,
    borderLeft: `2px solid ${tokens.colorNeutralStroke2}`,
  },
  head: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'baseline' },
  who: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere', fontWeight: tokens.fontWeightSemibold },
  when: { color: tokens.colorNeutralForeground3, whiteSpace: 'nowrap' },
  events: { listStyleType: 'none', margin: 0, padding: 0 },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  trigger: { color: tokens.colorNeutralForeground3 },
})

/** What happened to a ticket, newest first: who changed what, and which trigger. */
export function History({ ticket }: { ticket: number }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const history = useHistory(ticket)
  const names = usePeopleNamed(history.data?.audits.flatMap(({ events }) => peopleIn(events)) ?? [])
  return (
    <section>
      <Subtitle2 as="h2" className={styles.heading}>
        {t('history.title')}
      </Subtitle2>
      <Loaded query={history} loading={<Loading rows={3} height={16} />}>
        {({ audits, users }) =>
          audits.length === 0 ? (
            <Text className={styles.dim}>{t('history.none')}</Text>
          ) : (
            <ol className={styles.list} reversed>
              {audits.map((audit, i) => (
                <Change key={audit.id} audit={audit} users={users} names={names} opened={i === audits.length - 1} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  )
}

function Change({
  audit,
  users,
  names,
  opened,
}: {
  audit: TicketAudit
  users: User[]
  names: Map<number, string>
  opened: boolean
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const events = worthTelling(audit.events)
  const isOpening = opened && audit.events.some((event) => event.type === 'Create')
  return (
    <li className={styles.change}>
      <div className={styles.head}>
        <span className={styles.who}>{users.find((user) => user.id === audit.author_id)?.name ?? t('audit.tandem')}</span>
        <span className={styles.when}>
          <Time at={audit.created_at} />
        </span>
      </div>
      <ul className={styles.events}>
        {isOpening && <li>{t('history.opened')}</li>}
        {events
          .filter((event) => !(isOpening && event.type === 'Comment' && !event.via))
          .map((event) => (
            <li key={event.id}>
              <EventLine event={event} names={names} /> <Cause event={event} />
            </li>
          ))}
      </ul>
    </li>
  )
}

/** The trigger that did it; administrators can go there. */
function Cause({ event }: { event: AuditEvent }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const trigger = event.via?.source.from
  if (!trigger?.id) return null
  return (
    <span className={styles.trigger}>
      {t('history.by_trigger')}{' '}
      {me.role === 'admin' ? (
        <TextLink to={`/admin/triggers/${trigger.id}`}>{trigger.title}</TextLink>
      ) : (
        trigger.title
      )}
    </span>
  )
}
