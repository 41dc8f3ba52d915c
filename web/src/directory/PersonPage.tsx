import { Button, Card, Field, Input, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import type { Role, User } from '../api/types'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { SecretField } from '../ui/SecretField'
import { Loaded } from '../ui/states'
import { StatusMark } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { KeyedFields } from './fields/KeyedFields'
import { Identities } from './Identities'
import { MergeCard } from './MergeCard'
import { useDirectory, useUser } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** One person: name, role, a new way in, suspension. */
export function PersonPage() {
  const { t } = useTranslation()
  const { id } = useParams()
  const user = useUser(Number(id))
  return (
    <Loaded query={user}>
      {(data) => (
        <Page
          title={data.name || data.email}
          lead={
            <StatusMark tone={data.suspended ? 'warning' : 'ok'}>
              {data.suspended ? t('people.suspended') : t('people.active')}
            </StatusMark>
          }
          back={{ to: '/admin/people', label: t('admin.people') }}
          slim
        >
          <Particulars key={data.updated_at} user={data} />
          <PersonFields user={data} />
          <Identities user={data} />
          {data.role === 'end-user' ? <MergeCard key={data.id} user={data} /> : <SetupLink user={data} />}
          <Suspension user={data} />
        </Page>
      )}
    </Loaded>
  )
}

function Particulars({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const { changeUser } = useDirectory()
  const notify = useNotify()
  const [name, setName] = useState(user.name)
  const [role, setRole] = useState(user.role)
  const [error, setError] = useState<unknown>()
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await changeUser(user.id, { name, role })
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        <ProblemBar error={error} />
        <Field label={t('people.name')} required>
          <Input value={name} onChange={(_, data) => setName(data.value)} />
        </Field>
        <Field label={t('people.role')} hint={user.id === me.id ? t('people.own_role') : t(`role_hint.${role}`)}>
          <Select value={role} disabled={user.id === me.id} onChange={(_, data) => setRole(data.value as Role)}>
            <option value="agent">{t('role.agent')}</option>
            <option value="admin">{t('role.admin')}</option>
            <option value="end-user">{t('role.end-user')}</option>
          </Select>
        </Field>
        <Button
          type="submit"
          appearance="primary"
          className={styles.button}
          disabled={!name.trim() || (name === user.name && role === user.role)}
        >
          {t('action.save')}
        </Button>
      </form>
      <Facts
        facts={[
          [t('sign_in.email'), user.email],
          [t('ticket.created'), <Time at={user.created_at} />],
        ]}
      />
    </Card>
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
