import { Link, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketShown } from '../api/types'
import { MailState } from '../email/MailState'
import { IncomingIcon, OutgoingIcon } from '../ui/icons'
import { Loaded, Loading } from '../ui/states'
import { Time } from '../ui/Time'
import { OtherTickets } from './OtherTickets'
import { mailTime, useTicketMails } from './queries'
import { OrganizationOf, Requester, TicketsOfOrganization } from './Requester'
import { History } from './trigger/History'

const useStyles = makeStyles({
  pane: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXL },
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
})

/** The requester and their organization, their other tickets, and the mails that made this one. */
export function ContextPane({ data, onJourney }: { data: TicketShown; onJourney: (mail: number) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { ticket } = data
  const requester = data.users?.find((user) => user.id === ticket.requester_id)
  const organization = ticket.organization_id ?? requester?.organization_id
  return (
    <div className={styles.pane}>
      {requester && <Requester user={requester} />}
      {organization && <OrganizationOf id={organization} />}
      <OtherTickets
        title={t('ticket.others')}
        filter={{ requester_id: ticket.requester_id }}
        but={(other) => other.id === ticket.id}
      />
      {organization && <TicketsOfOrganization id={organization} ticket={ticket} />}
      <Mails ticket={ticket.id} onJourney={onJourney} />
      <History ticket={ticket.id} />
    </div>
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
