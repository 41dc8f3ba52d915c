import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { User } from '../api/types'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { DeleteIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { PeopleTabs } from './PeopleTabs'
import { PersonState } from './PersonState'
import { useDeletedUsers, usersPerPage } from './queries'

const pathOf = (user: User) => `/admin/people/${user.id}`

/** Who was deleted, and from whose page they are deleted permanently. */
export function DeletedPeople() {
  const { t } = useTranslation()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const deleted = useDeletedUsers(page)
  useLastPage(usersPerPage, deleted)
  const columns: Column<User>[] = [
    {
      id: 'name',
      label: t('people.name'),
      cell: (user) => <RowLink to={pathOf(user)}>{user.name || user.email || `#${user.id}`}</RowLink>,
      second: (user) => user.email,
    },
    { id: 'email', label: t('people.former_address'), width: '32%', hide: 'narrow', cell: (user) => user.email || '–' },
    {
      id: 'deleted',
      label: t('people.deleted_at'),
      width: '140px',
      hide: 'narrow',
      cell: (user) => <Time at={user.deleted_at} />,
    },
    { id: 'state', label: t('people.state'), width: '180px', cell: (user) => <PersonState user={user} /> },
  ]
  return (
    <Page title={t('admin.people')} lead={t('people.lead_deleted')}>
      <PeopleTabs here="deleted" />
      <Loaded query={deleted}>
        {({ deleted_users, count }) =>
          deleted_users.length === 0 ? (
            <Empty icon={<DeleteIcon />} title={t('people.nobody_deleted')}>
              {t('people.nobody_deleted_hint')}
            </Empty>
          ) : (
            <>
              <DataTable label={t('people.deleted')} columns={columns} rows={deleted_users} href={pathOf} />
              <Pager page={page} perPage={usersPerPage} count={count} onPage={(p) => setSearch({ page: String(p) })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
