import { Button, Checkbox, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { apiURL } from '../api/client'
import type { Role, User } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { Chip } from '../ui/Chip'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { Face } from '../ui/Face'
import { FilterInput } from '../ui/FilterInput'
import { FormDialog, FormField } from '../ui/FormDialog'
import { AddIcon, PeopleIcon } from '../ui/icons'
import { OnceDialog } from '../ui/OnceDialog'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { Empty, Loaded } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { CsvMenu } from './CsvMenu'
import { OrganizationFinder } from './Finder'
import { useOrganization, useOrganizationNames } from './organizations'
import { PeopleTabs } from './PeopleTabs'
import { PersonState } from './PersonState'
import { queryOf, useDirectory, usersPerPage, useUsers, type PeopleFilter } from './queries'
import { useTeamMemberships } from './teams'

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  grow: { flexGrow: 1, minWidth: '200px', maxWidth: '360px' },
  person: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minWidth: 0 },
})

const working: Role[] = ['agent', 'admin']
const roles: Role[] = [...working, 'end-user']

/** The people who work here, or those who write to them. */
export function People() {
  const { t } = useTranslation()
  const [search, setSearch] = useSearchParams()
  const role = roles.find((one) => one === search.get('role'))
  const requesters = role === 'end-user'
  const filter: PeopleFilter = {
    roles: requesters ? ['end-user'] : working.filter((one) => !role || one === role),
    query: search.get('query') ?? '',
    organization: Number(search.get('organization')) || undefined,
    team: Number(search.get('team')) || undefined,
    suspended: search.has('suspended'),
  }
  const page = Number(search.get('page')) || 1
  const users = useUsers(filter, page)
  useLastPage(usersPerPage, users)
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
      lead={t(requesters ? 'people.lead_requesters' : 'people.lead')}
      actions={
        <>
          <CsvMenu exportURL={apiURL('/users/export.csv', queryOf(filter))} importPath="/admin/people/import" />
          <Button appearance="primary" icon={<AddIcon />} onClick={() => setCreating(true)}>
            {t('people.add')}
          </Button>
        </>
      }
    >
      <PeopleTabs here={requesters ? 'requesters' : 'working'} />
      <Filters requesters={requesters} role={role ?? ''} filter={filter} onSet={set} />
      <Loaded query={users}>
        {({ users, count }) =>
          users.length === 0 ? (
            <Empty
              icon={<PeopleIcon />}
              title={t('people.none')}
              action={<ElsewhereLink requesters={requesters} query={filter.query} />}
            >
              {t('people.none_hint')}
            </Empty>
          ) : (
            <>
              <PeopleTable users={users} requesters={requesters} />
              <Pager page={page} perPage={usersPerPage} count={count} onPage={(p) => set('page', String(p))} />
            </>
          )
        }
      </Loaded>
      {creating && <CreateDialog requester={requesters} onClose={() => setCreating(false)} />}
    </Page>
  )
}

function Filters({
  requesters,
  role,
  filter,
  onSet,
}: {
  requesters: boolean
  role: string
  filter: PeopleFilter
  onSet: (name: string, value: string) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { data: teams = [] } = useGroups()
  const { data: organization } = useOrganization(filter.organization)
  return (
    <div className={styles.filters}>
      <FilterInput
        className={styles.grow}
        label={t('people.search')}
        value={filter.query}
        onValue={(value) => onSet('query', value)}
      />
      {!requesters && (
        <>
          <Select aria-label={t('people.role')} value={role} onChange={(_, data) => onSet('role', data.value)}>
            <option value="">{t('people.working')}</option>
            {working.map((one) => (
              <option key={one} value={one}>
                {t(`role.${one}`)}
              </option>
            ))}
          </Select>
          <Select aria-label={t('people.team')} value={filter.team ?? ''} onChange={(_, data) => onSet('team', data.value)}>
            <option value="">{t('people.all_teams')}</option>
            {teams.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </Select>
        </>
      )}
      {requesters &&
        (filter.organization ? (
          <Chip removeLabel={t('people.all_organizations')} onRemove={() => onSet('organization', '')}>
            {organization?.name ?? `#${filter.organization}`}
          </Chip>
        ) : (
          <OrganizationFinder label={t('people.organization')} bare onChosen={(id) => onSet('organization', String(id))} />
        ))}
      <Checkbox
        label={t('people.only_suspended')}
        checked={filter.suspended}
        onChange={(_, data) => onSet('suspended', data.checked ? '1' : '')}
      />
    </div>
  )
}

/** Who was looked for among the wrong people is one step away. */
function ElsewhereLink({ requesters, query }: { requesters: boolean; query: string }) {
  const { t } = useTranslation()
  if (!query) return null
  const to = `/admin/people?${new URLSearchParams({ ...(requesters ? {} : { role: 'end-user' }), query })}`
  return <TextLink to={to}>{t(requesters ? 'people.look_among_working' : 'people.look_among_requesters')}</TextLink>
}

function PeopleTable({ users, requesters }: { users: User[]; requesters: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const organizations = useOrganizationNames(users.map((user) => user.organization_id))
  const teamsOf = useTeamNames()
  const own: Column<User>[] = requesters
    ? [
        {
          id: 'organization',
          label: t('people.organization'),
          width: '18%',
          hide: 'narrow',
          cell: (user) =>
            user.organization_id ? (
              <TextLink to={`/admin/organizations/${user.organization_id}`}>
                {organizations.get(user.organization_id) ?? `#${user.organization_id}`}
              </TextLink>
            ) : (
              '–'
            ),
        },
        { id: 'tags', label: t('ticket.tags'), width: '11%', hide: 'medium', cell: (user) => user.tags.join(', ') || '–' },
        {
          id: 'updated',
          label: t('ticket.updated'),
          width: '112px',
          hide: 'medium',
          cell: (user) => <Time at={user.updated_at} />,
        },
      ]
    : [
        { id: 'role', label: t('people.role'), width: '120px', hide: 'narrow', cell: (user) => t(`role.${user.role}`) },
        { id: 'teams', label: t('people.teams'), width: '20%', hide: 'medium', cell: (user) => teamsOf(user.id) || '–' },
        {
          id: 'login',
          label: t('people.last_login'),
          width: '112px',
          hide: 'medium',
          cell: (user) => <Time at={user.last_login_at} none={t('people.never')} />,
        },
      ]
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
      second: (user) =>
        requesters ? (organizations.get(user.organization_id ?? 0) ?? user.email) : t(`role.${user.role}`),
    },
    { id: 'email', label: t('sign_in.email'), width: '23%', hide: 'narrow', cell: (user) => user.email },
    ...own,
    { id: 'state', label: t('people.state'), width: '108px', cell: (user) => <PersonState user={user} /> },
  ]
  return (
    <DataTable label={t('admin.people')} columns={columns} rows={users} href={(user) => `/admin/people/${user.id}`} />
  )
}

/** The names of all teams of an agent. */
function useTeamNames() {
  const { data: teams = [] } = useGroups()
  const { data: memberships = [] } = useTeamMemberships()
  return (user: number) =>
    memberships
      .filter((one) => one.user_id === user)
      .map((one) => teams.find((team) => team.id === one.group_id)?.name)
      .filter(Boolean)
      .join(', ')
}

function CreateDialog({ requester, onClose }: { requester: boolean; onClose: () => void }) {
  const { t } = useTranslation()
  const { createUser } = useDirectory()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>(requester ? 'end-user' : 'agent')
  const [link, setLink] = useState<string>()
  const create = async () => {
    const { user, setup_url } = await createUser({ name: name.trim(), email: email.trim(), role })
    if (setup_url) setLink(setup_url)
    else await navigate(`/admin/people/${user.id}`)
  }
  if (link)
    return (
      <OnceDialog title={t('setup_link.title', { name })} label={t('setup_link.label')} secret={link} onClose={onClose}>
        {t('setup_link.what')}
      </OnceDialog>
    )
  return (
    <FormDialog
      title={t('people.add')}
      submit={role === 'end-user' ? t('people.create_requester') : t('people.create')}
      complete={name.trim() !== '' && email.trim() !== ''}
      onSubmit={create}
      onClose={onClose}
    >
      <FormField name="name" label={t('people.name')} required>
        <Input value={name} onChange={(_, data) => setName(data.value)} autoFocus />
      </FormField>
      <FormField name="email" label={t('sign_in.email')} required>
        <Input type="email" value={email} onChange={(_, data) => setEmail(data.value)} />
      </FormField>
      <FormField name="role" label={t('people.role')} hint={t(`role_hint.${role}`)}>
        <Select value={role} onChange={(_, data) => setRole(data.value as Role)}>
          {roles.map((one) => (
            <option key={one} value={one}>
              {t(`role.${one}`)}
            </option>
          ))}
        </Select>
      </FormField>
    </FormDialog>
  )
}
