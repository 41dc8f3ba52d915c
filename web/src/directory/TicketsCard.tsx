import { Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketQuery } from '../api/types'
import { useTickets } from '../desk/queries'
import { TicketStatus } from '../desk/TicketStatus'
import { searchPath } from '../search/place'
import { DataTable, RowLink } from '../ui/DataTable'
import { Loaded, Loading } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
})

const shown = 8

/** The newest tickets of a person or an organization, and the way to the others. */
export function TicketsCard({ title, none, filter, search }: { title: string; none: string; filter: TicketQuery; search: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const tickets = useTickets({ ...filter, sort: '-updated_at' }, 1, shown)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{title}</Subtitle2>
      <Loaded query={tickets} loading={<Loading rows={3} />}>
        {({ tickets, count = 0 }) =>
          tickets.length === 0 ? (
            <Text>{none}</Text>
          ) : (
            <>
              <DataTable
                label={title}
                rows={tickets}
                href={(ticket) => `/tickets/${ticket.id}`}
                columns={[
                  {
                    id: 'status',
                    label: t('ticket.status'),
                    width: '104px',
                    cell: (ticket) => <TicketStatus status={ticket.status} />,
                  },
                  {
                    id: 'subject',
                    label: t('ticket.subject'),
                    cell: (ticket) => (
                      <RowLink to={`/tickets/${ticket.id}`}>{ticket.subject || t('ticket.no_subject')}</RowLink>
                    ),
                  },
                  {
                    id: 'updated',
                    label: t('ticket.updated'),
                    width: '124px',
                    hide: 'narrow',
                    cell: (ticket) => <Time at={ticket.updated_at} />,
                  },
                ]}
              />
              {count > shown && <TextLink to={searchPath(search)}>{t('person.all_tickets', { count })}</TextLink>}
            </>
          )
        }
      </Loaded>
    </Card>
  )
}
