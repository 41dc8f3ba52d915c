import { makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink } from 'react-router'
import type { Ticket, TicketQuery } from '../api/types'
import { Loaded, Loading } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { useTickets } from './queries'
import { TicketStatus } from './TicketStatus'

const useStyles = makeStyles({
  heading: { margin: `0 0 ${tokens.spacingVerticalS}`, display: 'block' },
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
  },
  item: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'baseline', minWidth: 0 },
  grow: { flexGrow: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  dim: { color: tokens.colorNeutralForeground3, whiteSpace: 'nowrap', fontSize: tokens.fontSizeBase200 },
  more: { marginTop: tokens.spacingVerticalS, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
})

const shown = 8

/** The newest tickets of somebody, in a few lines beside a ticket. */
export function OtherTickets({
  title,
  filter,
  but,
  quiet,
  more,
}: {
  title: string
  filter: TicketQuery
  but: (ticket: Ticket) => boolean
  /** Show nothing when there is nothing. */
  quiet?: boolean
  /** Where all of them are. */
  more?: { to: string; name: string }
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const tickets = useTickets({ ...filter, sort: '-updated_at' }, 1, shown)
  if (quiet && tickets.data?.tickets.every(but)) return null
  return (
    <section>
      <Subtitle2 as="h2" className={styles.heading}>
        {title}
      </Subtitle2>
      <Loaded query={tickets} loading={<Loading rows={3} height={16} />}>
        {({ tickets, count = 0 }) => {
          const others = tickets.filter((other) => !but(other))
          return (
            <>
              {others.length === 0 && <Text className={styles.dim}>{t('ticket.no_others')}</Text>}
              <ul className={styles.list}>
                {others.map((other) => (
                  <li key={other.id} className={styles.item}>
                    <TicketStatus status={other.status} />
                    <RouterLink
                      to={`/tickets/${other.id}`}
                      className={`${styles.grow} ${styles.link}`}
                      title={other.subject}
                    >
                      {other.subject || t('ticket.no_subject')}
                    </RouterLink>
                    <span className={styles.dim}>
                      <Time at={other.updated_at} />
                    </span>
                  </li>
                ))}
              </ul>
              {more && count > shown && (
                <div className={styles.more}>
                  <TextLink to={more.to}>{more.name}</TextLink>
                </div>
              )}
            </>
          )
        }}
      </Loaded>
    </section>
  )
}
