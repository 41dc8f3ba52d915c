import { Link, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { Trans, useTranslation } from 'react-i18next'
import { Link as RouterLink } from 'react-router'
import { answerOf, api } from '../api/client'
import type { Ticket } from '../api/types'
import { Time } from '../ui/Time'

/** Says, before somebody answers, that the same mail was answered on another ticket. */
export function SiblingNotice({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['ticket', ticket.id, 'siblings'],
    queryFn: () => answerOf(api.GET('/tickets/{id}/siblings', { params: { path: { id: ticket.id } } })),
    enabled: ticket.sibling_ids.length > 0,
    refetchInterval: 30_000,
  })
  const answered = data?.siblings.filter((sibling) => sibling.answered_at) ?? []
  if (answered.length === 0) return null
  const name = (id: number | null) => data?.users.find((user) => user.id === id)?.name ?? t('sibling.somebody')
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {answered.map((sibling) => (
          <div key={sibling.id}>
            <Trans
              i18nKey={'sibling.answered'}
              values={{ id: sibling.id, name: name(sibling.answered_by) }}
              components={{
                ticket: <SiblingLink id={sibling.id} />,
                time: <Time at={sibling.answered_at} />,
              }}
            />
          </div>
        ))}
      </MessageBarBody>
    </MessageBar>
  )
}

function SiblingLink({ id, children }: { id: number; children?: React.ReactNode }) {
  return (
    <RouterLink to={`/tickets/${id}`}>
      <Link as="span" inline>
        {children}
      </Link>
    </RouterLink>
  )
}
