import { Link, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink } from 'react-router'
import type { TicketShown } from '../api/types'
import { MailState } from '../email/MailState'
import { Face } from '../ui/Face'
import { IncomingIcon, OutgoingIcon } from '../ui/icons'
import { Loaded, Loading } from '../ui/states'
import { Time } from '../ui/Time'
import { mailTime, useTicketMails, useTickets } from './queries'
import { TicketStatus } from './TicketStatus'
import { History } from './trigger/History'

const useStyles = makeStyles({
  pane: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
  person: { display: 'flex', gap: tokens.spacingHorizontalM, alignItems: 'center', minWidth: 0 },
  wrap: { minWidth: 0, overflowWrap: 'anywhere' },
  mail: { fontSize: tokens.fontSizeBase200 },
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
  direction: { alignSelf: 'center', display: 'inline-flex', '& > svg': { width: '16px', height: '16px' } },
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
})

/** The requester, their other tickets, and the mails that made this one. */
export function ContextPane({ data, onJourney }: { data: TicketShown; onJourney: (mail: number) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const requester = data.users?.find((user) => user.id === data.ticket.requester_id)
  return (
    <div className={styles.pane}>
      <section>
        <Subtitle2 as="h2" className={styles.heading}>
          {t('ticket.requester')}
        </Subtitle2>
        {requester && (
          <div className={styles.person}>
            <Face name={requester.name || requester.email} large />
            <div className={styles.wrap}>
              <Text weight="semibold" block>
                {requester.name}
              </Text>
              <Link href={`mailto:${requester.email}`} inline className={styles.mail}>
                {requester.email}
              </Link>
            </div>
          </div>
        )}
      </section>
      <OtherTickets ticket={data.ticket.id} requester={data.ticket.requester_id} />
      <Mails ticket={data.ticket.id} onJourney={onJourney} />
      <History ticket={data.ticket.id} />
    </div>
  )
}

function OtherTickets({ ticket, requester }: { ticket: number; requester: number }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const tickets = useTickets({ requester_id: requester, sort: '-updated_at' }, 1, 8)
  return (
    <section>
      <Subtitle2 as="h2" className={styles.heading}>
        {t('ticket.others')}
      </Subtitle2>
      <Loaded query={tickets} loading={<Loading rows={3} height={16} />}>
        {({ tickets }) => {
          const others = tickets.filter((other) => other.id !== ticket)
          if (others.length === 0) return <Text className={styles.dim}>{t('ticket.no_others')}</Text>
          return (
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
          )
        }}
      </Loaded>
    </section>
  )
}

function Mails({ ticket, onJourney }: { ticket: number; onJourney: (mail: number) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const mails = useTicketMails(ticket)
  return (
    <section>
      <Subtitle2 as="h2" className={styles.heading}>
        {t('ticket.mails')}
      </Subtitle2>
      <Loaded query={mails} loading={<Loading rows={3} height={16} />}>
        {(mails) =>
          mails.length === 0 ? (
            <Text className={styles.dim}>{t('ticket.no_mails')}</Text>
          ) : (
            <ul className={styles.list}>
              {mails.map((mail) => (
                <li key={mail.id} className={styles.item}>
                  <span className={styles.direction} title={t(`mail.direction.${mail.direction}`)}>
                    {mail.direction === 'in' ? (
                      <IncomingIcon role="img" aria-label={t('mail.direction.in')} />
                    ) : (
                      <OutgoingIcon role="img" aria-label={t('mail.direction.out')} />
                    )}
                  </span>
                  <Link as="button" className={styles.grow} onClick={() => onJourney(mail.id)}>
                    <MailState state={mail.state} />
                  </Link>
                  <span className={styles.dim}>
                    <Time at={mailTime(mail)} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}
