import { Field, Link, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketChange, TicketShown } from '../api/types'
import { useMe } from '../session/queries'
import { Chip } from '../ui/Chip'
import { useAgents } from './queries'

const useStyles = makeStyles({
  field: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  chips: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  follow: { alignSelf: 'flex-start' },
})

/** Colleagues who are told by mail of every comment, notes included. */
export function FollowersField({
  data: { ticket, users = [] },
  disabled,
  onChange,
}: {
  data: TicketShown
  disabled?: boolean
  onChange: (change: Pick<TicketChange, 'followers'>) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const { data: agents = [] } = useAgents()
  const ids = ticket.follower_ids
  const others = agents.filter((agent) => !ids.includes(agent.id))
  // Only the one who comes or goes is told, so that two who do it at once both have their way.
  const set = (user_id: number, action: 'put' | 'delete') => onChange({ followers: [{ user_id, action }] })
  const nameOf = (id: number) => users.find((user) => user.id === id)?.name ?? `#${id}`
  return (
    <div className={styles.field}>
      <Field label={t('ticket.followers')} size="small">
        <Select
          value=""
          disabled={disabled || others.length === 0}
          onChange={(_, { value }) => set(Number(value), 'put')}
        >
          <option value="" disabled>
            {t('ticket.add_follower')}
          </option>
          {others.map((agent) => (
            <option key={agent.id} value={agent.id}>
              {agent.name}
            </option>
          ))}
        </Select>
      </Field>
      {ids.length > 0 && (
        <div className={styles.chips}>
          {ids.map((id) => (
            <Chip
              key={id}
              removeLabel={t('ticket.remove_follower', { name: nameOf(id) })}
              onRemove={disabled ? undefined : () => set(id, 'delete')}
            >
              {nameOf(id)}
            </Chip>
          ))}
        </div>
      )}
      {!disabled && (
        <Link as="button" className={styles.follow} onClick={() => set(me.id, ids.includes(me.id) ? 'delete' : 'put')}>
          {ids.includes(me.id) ? t('ticket.unfollow') : t('ticket.follow')}
        </Link>
      )}
    </div>
  )
}
