import { Field, Link, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
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
  ids,
  users = [],
  size = 'small',
  disabled,
  onSet,
}: {
  ids: number[]
  /** Who they are, where the page knows; one who no longer works here is not among the colleagues. */
  users?: User[] | null
  size?: 'small' | 'medium'
  disabled?: boolean
  /** Tells of one who comes or goes, so that two people who do it at once both have their way. */
  onSet: (id: number, follows: boolean) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const { data: agents = [] } = useAgents()
  const others = agents.filter((agent) => !ids.includes(agent.id))
  const nameOf = (id: number) => [...(users ?? []), ...agents].find((user) => user.id === id)?.name ?? `#${id}`
  return (
    <div className={styles.field}>
      <Field label={t('ticket.followers')} size={size}>
        <Select
          value=""
          disabled={disabled || others.length === 0}
          onChange={(_, { value }) => onSet(Number(value), true)}
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
              onRemove={disabled ? undefined : () => onSet(id, false)}
            >
              {nameOf(id)}
            </Chip>
          ))}
        </div>
      )}
      {!disabled && (
        <Link as="button" className={styles.follow} onClick={() => onSet(me.id, !ids.includes(me.id))}>
          {ids.includes(me.id) ? t('ticket.unfollow') : t('ticket.follow')}
        </Link>
      )}
    </div>
  )
}
