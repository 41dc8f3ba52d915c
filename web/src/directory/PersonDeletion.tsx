import { Button, Card, makeStyles, Spinner, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { User } from '../api/types'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { useNotify } from '../ui/notify'
import { Time } from '../ui/Time'
import { useRelated } from './identities'
import { useDirectory } from './queries'
import { TicketsCard } from './TicketsCard'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** Deletes a requester; the tickets stay. */
export function Deletion({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { deleteUser } = useDirectory()
  const navigate = useNavigate()
  const notify = useNotify()
  const [asking, setAsking] = useState(false)
  const name = user.name || user.email
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('person.delete')}</Subtitle2>
      <Text>{t('person.delete_why')}</Text>
      <Button className={styles.button} onClick={() => setAsking(true)}>
        {t('person.delete')}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('person.delete_title', { name })}
          confirm={t('action.delete')}
          name={name}
          onConfirm={async () => {
            await deleteUser(user.id)
            notify.done(t('person.deleted_done', { name }))
            await navigate('/admin/people?role=end-user')
          }}
          onClose={() => setAsking(false)}
        >
          <Belongings user={user} />
          <Text block>{t('person.delete_what')}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )
}

/** Counts what a person leaves behind. */
function Belongings({ user }: { user: User }) {
  const { t } = useTranslation()
  const { data } = useRelated(user.id)
  if (!data) return <Spinner size="tiny" />
  return (
    <Text block>
      {t('person.delete_tickets', { count: data.requested_tickets })}{' '}
      {t('person.delete_comments', { count: data.comments })}
    </Text>
  )
}

/** The page of somebody who was deleted. */
export function DeletedPerson({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  return (
    <>
      <Card className={styles.card}>
        <Text>{t('person.is_deleted')}</Text>
        <Facts
          facts={[
            user.email ? [t('people.former_address'), user.email] : null,
            [t('ticket.created'), <Time at={user.created_at} />],
            [t('people.deleted_at'), <Time at={user.deleted_at} />],
          ]}
        />
      </Card>
      <TicketsCard
        title={t('person.requested')}
        none={t('person.none_requested')}
        filter={{ requester_id: user.id }}
        search={`requester:${user.id}`}
      />
      {me.role === 'admin' && <Erasure user={user} />}
    </>
  )
}

/** Deletes for good what is known of somebody who has been deleted. */
function Erasure({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { eraseUser } = useDirectory()
  const notify = useNotify()
  const [asking, setAsking] = useState(false)
  const name = user.name || user.email || `#${user.id}`
  const begun = Boolean(user.permanently_deleted_at)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('person.erase')}</Subtitle2>
      <Text>{begun ? t('person.erase_begun') : t('person.erase_why')}</Text>
      <Button className={styles.button} onClick={() => setAsking(true)}>
        {begun ? t('person.erase_again') : t('person.erase')}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t('person.erase_title', { name })}
          confirm={t('person.erase')}
          name={name}
          onConfirm={async () => {
            await eraseUser(user.id)
            notify.done(t('person.erase_done', { name }))
          }}
          onClose={() => setAsking(false)}
        >
          <Text block>{t('person.erase_what')}</Text>
          <ul>
            <li>{t('person.erase_identities')}</li>
            <li>{t('person.erase_tickets')}</li>
            <li>{t('person.erase_mails')}</li>
            <li>{t('person.erase_comments')}</li>
          </ul>
          <Text block>{t('person.erase_stays')}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )
}
