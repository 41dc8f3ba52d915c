import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { Role, User } from '../api/types'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { Face } from '../ui/Face'
import { FilterInput } from '../ui/FilterInput'
import { AddIcon, PeopleIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager } from '../ui/Pager'
import { ProblemBar } from '../ui/problems'
import { SecretField } from '../ui/SecretField'
import { Empty, Loaded } from '../ui/states'
import { StatusMark } from '../ui/StatusMark'
import { useDirectory, usersPerPage, useUsers } from './queries'

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  grow: { flexGrow: 1, minWidth: '200px', maxWidth: '360px' },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  person: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minWidth: 0 },
})

const roles: Role[] = ['agent', 'admin', 'end-user']

/** The people who work here. */
export function People() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const role = roles.find((one) => one === search.get('role'))
  const query = search.get('query') ?? ''
  const page = Number(search.get('page')) || 1
  const users = useUsers(role, query, page)
  const [creating, setCreating] = useState(false)
  const set = (name: string, value: string) =>
    setSearch((old) => {
      if (name !== 'page') old.delete('page')
      if (value) old.set(name, value)
      else old.delete(name)
      return old
    })

  return (
    <Page
      title={t('admin.people')}
      lead={t('people.lead')}
      actions={
        <Button appearance="primary" icon={<AddIcon />} onClick={() => setCreating(true)}>
          {t('people.add')}
        </Button>
      }
    >
      <div className={styles.filters}>
        <FilterInput
          className={styles.grow}
          label={t('people.search')}
          value={query}
          onValue={(value) => set('query', value)}
        />
        <Select aria-label={t('people.role')} value={role ?? ''} onChange={(_, data) => set('role', data.value)}>
          <option value="">{t('people.working')}</option>
          {roles.map((one) => (
            <option key={one} value={one}>
              {t(`role.${one}`)}
            </option>
          ))}
        </Select>
      </div>
      <Loaded query={users}>
        {({ users, count }) =>
          users.length === 0 ? (
            <Empty icon={<PeopleIcon />} title={t('people.none')}>
              {t('people.none_hint')}
            </Empty>
          ) : (
            <>
              <PeopleTable users={users} />
              <Pager page={page} perPage={usersPerPage} count={count} onPage={(p) => set('page', String(p))} />
            </>
          )
        }
      </Loaded>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}

function PeopleTable({ users }: { users: User[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const columns: Column<User>[] = [
    {
      id: 'name',
      label: t('people.name'),
      cell: (user) => (
        <span className={styles.person}>
          <Face name={user.name || user.email} />
          <RowLink to={`/admin/people/${user.id}`}>{user.name || user.email}</RowLink>
        </span>
      ),
      second: (user) => t(`role.${user.role}`),
    },
    { id: 'email', label: t('sign_in.email'), width: '30%', hide: 'narrow', cell: (user) => user.email },
    { id: 'role', label: t('people.role'), width: '148px', hide: 'narrow', cell: (user) => t(`role.${user.role}`) },
    {
      id: 'state',
      label: t('people.state'),
      width: '132px',
      cell: (user) => (
        <StatusMark tone={user.suspended ? 'warning' : 'ok'}>
          {user.suspended ? t('people.suspended') : t('people.active')}
        </StatusMark>
      ),
    },
  ]
  return (
    <DataTable label={t('admin.people')} columns={columns} rows={users} href={(user) => `/admin/people/${user.id}`} />
  )
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { createUser } = useDirectory()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('agent')
  const [link, setLink] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const create = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const { setup_url } = await createUser({ name: name.trim(), email: email.trim(), role })
      if (setup_url) setLink(setup_url)
      else onClose()
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog open modalType={link ? 'alert' : 'modal'} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        {link ? (
          <DialogBody>
            <DialogTitle>{t('setup_link.title', { name })}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>{t('setup_link.what')}</Text>
              <SecretField value={link} label={t('setup_link.label')} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" onClick={onClose}>
                {t('action.done')}
              </Button>
            </DialogActions>
          </DialogBody>
        ) : (
          <form onSubmit={(event) => void create(event)}>
            <DialogBody>
              <DialogTitle>{t('people.add')}</DialogTitle>
              <DialogContent className={styles.form}>
                <ProblemBar error={error} />
                <Field label={t('people.name')} required>
                  <Input value={name} onChange={(_, data) => setName(data.value)} autoFocus />
                </Field>
                <Field label={t('sign_in.email')} required>
                  <Input type="email" value={email} onChange={(_, data) => setEmail(data.value)} />
                </Field>
                <Field label={t('people.role')} hint={t(`role_hint.${role === 'admin' ? 'admin' : 'agent'}`)}>
                  <Select value={role} onChange={(_, data) => setRole(data.value as Role)}>
                    <option value="agent">{t('role.agent')}</option>
                    <option value="admin">{t('role.admin')}</option>
                  </Select>
                </Field>
              </DialogContent>
              <DialogActions>
                <Button onClick={onClose}>{t('action.cancel')}</Button>
                <Button type="submit" appearance="primary" disabled={busy || !name.trim() || !email.trim()}>
                  {t('people.create')}
                </Button>
              </DialogActions>
            </DialogBody>
          </form>
        )}
      </DialogSurface>
    </Dialog>
  )
}
