import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import type { User } from '../api/types'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { SecretField } from '../ui/SecretField'
import { Loaded } from '../ui/states'
import { Belonging } from './Belonging'
import { KeyedFields } from './fields/KeyedFields'
import { Identities } from './Identities'
import { MergeCard } from './MergeCard'
import { useDirectoryPaths } from './paths'
import { DeletedPerson, Deletion } from './PersonDeletion'
import { PersonFacts, PersonParticulars } from './PersonParticulars'
import { PersonState } from './PersonState'
import { useDirectory, useUser } from './queries'
import { TicketsCard } from './TicketsCard'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** One person: what is known of them, where they belong, their tickets, and what can be done about them. */
export function PersonPage() {
  const { t } = useTranslation()
  const { inAdmin } = useDirectoryPaths()
  const user = useUser(Number(useParams().id))
  return (
    <Loaded query={user}>
      {(data) => (
        <Page
          title={data.name || data.email || `#${data.id}`}
          lead={<PersonState user={data} />}
          back={inAdmin ? { to: listOf(data), label: t('admin.people') } : undefined}
          slim
        >
          {data.active ? <Person user={data} /> : <DeletedPerson user={data} />}
        </Page>
      )}
    </Loaded>
  )
}

/** The list in which the person stands. */
function listOf(user: User) {
  if (!user.active) return '/admin/people/deleted'
  return user.role === 'end-user' ? '/admin/people?role=end-user' : '/admin/people'
}

function Person({ user }: { user: User }) {
  const { t } = useTranslation()
  const me = useMe()
  const requester = user.role === 'end-user'
  // Agents look after requesters, administrators after everybody.
  const mine = requester || me.role === 'admin'
  return (
    <>
      {mine ? <PersonParticulars key={user.updated_at} user={user} /> : <PersonFacts user={user} />}
      {mine && <PersonFields user={user} />}
      {mine && <Identities user={user} />}
      <Belonging whole="organization" user={user} mayChange={mine} />
      {!requester && <Belonging whole="group" user={user} mayChange={me.role === 'admin'} />}
      <Tickets user={user} />
      {requester && <MergeCard key={user.id} user={user} />}
      {!requester && me.role === 'admin' && <SetupLink user={user} />}
      {mine && <Suspension user={user} />}
      {requester && me.role === 'admin' && <Deletion user={user} />}
      {!requester && me.role === 'admin' && me.id !== user.id && <Text>{t('person.delete_agent')}</Text>}
    </>
  )
}

function Tickets({ user }: { user: User }) {
  const { t } = useTranslation()
  if (user.role === 'end-user')
    return (
      <TicketsCard
        title={t('person.requested')}
        none={t('person.none_requested')}
        filter={{ requester_id: user.id }}
        search={`requester:${user.email}`}
      />
    )
  return (
    <TicketsCard
      title={t('person.assigned')}
      none={t('person.none_assigned')}
      filter={{ assignee: String(user.id) }}
      search={`assignee:${user.email}`}
    />
  )
}

function PersonFields({ user }: { user: User }) {
  const { changeUser } = useDirectory()
  return (
    <KeyedFields
      owner="user"
      values={user.user_fields}
      onSave={(user_fields) => changeUser(user.id, { user_fields })}
    />
  )
}

function SetupLink({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { newSetupLink } = useDirectory()
  const notify = useNotify()
  const [link, setLink] = useState<string>()
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('setup_link.heading')}</Subtitle2>
      <Text>{t('setup_link.why')}</Text>
      {link ? (
        <>
          <Text>{t('setup_link.what')}</Text>
          <SecretField value={link} label={t('setup_link.label')} />
        </>
      ) : (
        <Button className={styles.button} onClick={() => newSetupLink(user.id).then(setLink, notify.failed)}>
          {t('setup_link.make')}
        </Button>
      )}
    </Card>
  )
}

function Suspension({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const { changeUser } = useDirectory()
  const notify = useNotify()
  const [asking, setAsking] = useState(false)
  if (user.id === me.id) return null
  const works = user.role !== 'end-user'
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('suspend.heading')}</Subtitle2>
      <Text>{works ? t('suspend.why_agent') : t('suspend.why_requester')}</Text>
      {user.suspended ? (
        <Button
          className={styles.button}
          onClick={() =>
            changeUser(user.id, { suspended: false }).then(() => notify.done(t('suspend.undone')), notify.failed)
          }
        >
          {t('suspend.undo')}
        </Button>
      ) : (
        <Button className={styles.button} onClick={() => setAsking(true)}>
          {t('suspend.action')}
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={t('suspend.title', { name: user.name || user.email })}
          confirm={t('suspend.action')}
          onConfirm={() => changeUser(user.id, { suspended: true })}
          onClose={() => setAsking(false)}
        >
          <Text block>{works ? t('suspend.what_agent') : t('suspend.what_requester')}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )
}
