import { Field, Link, makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { AgentPicker } from '../directory/AgentPicker'
import { usePeopleNamed } from '../directory/queries'
import { useMe } from '../session/queries'
import { Chip } from '../ui/Chip'

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
  /** Who they are, where the page knows. */
  users?: User[] | null
  size?: 'small' | 'medium'
  disabled?: boolean
  /** Tells of one who comes or goes, so that two people who do it at once both have their way. */
  onSet: (id: number, follows: boolean) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const known = new Map(users?.map((user) => [user.id, user.name]))
  const names = usePeopleNamed(ids.filter((id) => !known.has(id)))
  const nameOf = (id: number) => known.get(id) ?? names.get(id) ?? `#${id}`
  return (
    <div className={styles.field}>
      <Field label={t('ticket.followers')} size={size}>
        <AgentPicker
          placeholder={t('ticket.add_follower')}
          without={ids}
          size={size}
          disabled={disabled}
          onChosen={(id) => onSet(Number(id), true)}
        />
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
