import {
  Button,
  Field,
  Link,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  Select,
  tokens,
} from '@fluentui/react-components'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Priority, Ticket, TicketShown, TicketStatus } from '../api/types'
import { useMe } from '../session/queries'
import { Facts } from '../ui/Facts'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { AssigneeFields } from './AssigneeFields'
import { FollowersField } from './FollowersField'
import { TagsField } from './TagsField'
import { TypeFields } from './TypeFields'
import { useProperties } from './useProperties'

const ConflictDialog = lazy(() => import('./life/ConflictDialog').then((m) => ({ default: m.ConflictDialog })))
const TicketFields = lazy(() => import('./TicketFields').then((m) => ({ default: m.TicketFields })))

const useStyles = makeStyles({
  pane: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  whose: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, alignItems: 'stretch' },
  take: { alignSelf: 'flex-start', marginTop: `calc(-1 * ${tokens.spacingVerticalS})` },
  facts: { marginTop: tokens.spacingVerticalS, fontSize: tokens.fontSizeBase200 },
  links: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

const priorities: Priority[] = ['low', 'normal', 'high', 'urgent']

/** What can be set on the ticket: each change is saved at once. */
export function PropertiesPane({ data }: { data: TicketShown }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const navigate = useNavigate()
  const { ticket } = data
  const { set, busy, conflict, dismiss } = useProperties(ticket)
  const closed = ticket.status === 'closed'
  const statuses: TicketStatus[] = [
    ...(ticket.status === 'new' ? (['new'] as const) : []),
    ...(['open', 'pending', 'hold', 'solved'] as const),
    ...(closed ? (['closed'] as const) : []),
  ]
  const assignee = data.users?.find((user) => user.id === ticket.assignee_id)

  return (
    <div className={styles.pane}>
      {conflict && (
        <Suspense>
          <ConflictDialog
            {...conflict}
            busy={busy}
            onSend={(change) => set(change, conflict.now)}
            onTheirs={dismiss}
            onClose={dismiss}
          />
        </Suspense>
      )}
      {closed && (
        <MessageBar layout="multiline">
          <MessageBarBody>
            {ticket.merged_into_id ? t('ticket.closed_by_merge', { id: ticket.merged_into_id }) : t('ticket.closed')}
          </MessageBarBody>
          <MessageBarActions>
            {ticket.merged_into_id ? (
              <Button size="small" onClick={() => void navigate(`/tickets/${ticket.merged_into_id}`)}>
                {t('ticket.go_on', { id: ticket.merged_into_id })}
              </Button>
            ) : (
              <Button size="small" onClick={() => void navigate(`/tickets/new?follow_up=${ticket.id}`)}>
                {t('ticket.follow_up')}
              </Button>
            )}
          </MessageBarActions>
        </MessageBar>
      )}
      <Field label={t('ticket.status')} size="small">
        <Select
          value={ticket.status}
          disabled={closed}
          onChange={(_, { value }) => set({ status: value as TicketStatus })}
        >
          {statuses.map((status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </Select>
      </Field>
      <div className={styles.whose}>
        <AssigneeFields
          team={ticket.group_id}
          assignee={ticket.assignee_id}
          assigneeName={assignee?.name}
          disabled={closed}
          small
          onChange={set}
        />
        {!closed && ticket.assignee_id !== me.id && (
          <Link as="button" className={styles.take} onClick={() => set({ assignee_id: me.id })}>
            {t('ticket.take')}
          </Link>
        )}
      </div>
      <FollowersField
        ids={ticket.follower_ids}
        users={data.users}
        disabled={closed}
        onSet={(user_id, follows) => set({ followers: [{ user_id, action: follows ? 'put' : 'delete' }] })}
      />
      <Field label={t('ticket.priority')} size="small">
        <Select
          value={ticket.priority ?? ''}
          disabled={closed}
          onChange={(_, { value }) => set({ priority: value || null })}
        >
          <option value="">–</option>
          {priorities.map((priority) => (
            <option key={priority} value={priority}>
              {t(`priority.${priority}`)}
            </option>
          ))}
        </Select>
      </Field>
      <TypeFields ticket={ticket} disabled={closed} onChange={set} />
      {ticket.custom_fields.length > 0 && (
        <Suspense>
          <TicketFields ticket={ticket} disabled={closed} onChange={set} />
        </Suspense>
      )}
      <TagsField tags={ticket.tags} disabled={closed} onChange={(tags) => set({ tags })} />
      <div className={styles.facts}>
        <Facts
          stacked
          facts={[
            [t('ticket.brand'), data.brands?.find((brand) => brand.id === ticket.brand_id)?.name ?? '–'],
            ticket.recipient ? [t('ticket.recipient'), ticket.recipient] : null,
            [t('ticket.created'), <Time at={ticket.created_at} />],
            [t('ticket.updated'), <Time at={ticket.updated_at} />],
            ticket.solved_at ? [t('ticket.solved'), <Time at={ticket.solved_at} />] : null,
            ticket.imported ? [t('ticket.origin'), t('ticket.imported')] : null,
            related(t('ticket.follow_up_of'), ticket.followup_source_id ? [ticket.followup_source_id] : []),
            related(t('ticket.follow_ups'), ticket.followup_ids),
            related(t('ticket.merged_into'), ticket.merged_into_id ? [ticket.merged_into_id] : []),
            related(t('ticket.merged'), ticket.merged_ids),
            related(t('ticket.siblings'), siblings(ticket)),
          ]}
        />
      </div>
    </div>
  )

  function related(label: string, ids: number[]): [string, React.ReactNode] | null {
    if (ids.length === 0) return null
    return [
      label,
      <span className={styles.links}>
        {ids.map((id) => (
          <TextLink key={id} to={`/tickets/${id}`}>
            #{id}
          </TextLink>
        ))}
      </span>,
    ]
  }
}

const siblings = (ticket: Ticket) => ticket.sibling_ids.filter((id) => id !== ticket.id)
