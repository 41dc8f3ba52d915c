import { Button, Input, makeStyles } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { apiURL } from '../api/client'
import type { Organization } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { FilterInput } from '../ui/FilterInput'
import { FormDialog, FormField } from '../ui/FormDialog'
import { AddIcon, OrganizationIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { CsvMenu } from './CsvMenu'
import {
  organizationsPerPage,
  splitDomains,
  useOrganizationActions,
  useOrganizations,
  type OrganizationOrder,
} from './organizations'

const useStyles = makeStyles({
  filter: { maxWidth: '360px' },
})

const pathOf = (one: Organization) => `/admin/organizations/${one.id}`

/** The companies and other bodies to which requesters belong. */
export function Organizations() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const query = search.get('query') ?? ''
  const sort: OrganizationOrder = search.get('sort') === '-updated_at' ? '-updated_at' : 'name'
  const page = Number(search.get('page')) || 1
  const organizations = useOrganizations(query, sort, page)
  useLastPage(organizationsPerPage, organizations)
  const { data: teams = [] } = useGroups()
  const [creating, setCreating] = useState(false)
  const set = (name: string, value: string) =>
    setSearch((old) => {
      if (name !== 'page') old.delete('page')
      if (value) old.set(name, value)
      else old.delete(name)
      return old
    })
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => setCreating(true)}>
      {t('organization.add')}
    </Button>
  )
  const columns: Column<Organization>[] = [
    {
      id: 'name',
      label: t('organization.name'),
      sort: 'name',
      cell: (one) => <RowLink to={pathOf(one)}>{one.name}</RowLink>,
      second: (one) => one.domain_names.join(', '),
    },
    {
      id: 'domains',
      label: t('organization.domains'),
      width: '30%',
      hide: 'narrow',
      cell: (one) => one.domain_names.join(', ') || '–',
    },
    {
      id: 'team',
      label: t('organization.team'),
      width: '18%',
      hide: 'medium',
      cell: (one) => teams.find((team) => team.id === one.group_id)?.name ?? '–',
    },
    { id: 'tags', label: t('ticket.tags'), width: '16%', hide: 'medium', cell: (one) => one.tags.join(', ') || '–' },
    {
      id: 'updated',
      label: t('organization.changed'),
      sort: 'updated_at',
      width: '132px',
      hide: 'narrow',
      cell: (one) => <Time at={one.updated_at} />,
    },
  ]
  return (
    <Page
      title={t('admin.organizations')}
      lead={t('organization.lead')}
      actions={
        <>
          <CsvMenu exportURL={apiURL('/organizations/export.csv', { query })} importPath="/admin/organizations/import" />
          {add}
        </>
      }
    >
      <FilterInput
        className={styles.filter}
        label={t('organization.search')}
        value={query}
        onValue={(value) => set('query', value)}
      />
      <Loaded query={organizations}>
        {({ organizations, count }) =>
          organizations.length > 0 ? (
            <>
              <DataTable
                label={t('admin.organizations')}
                columns={columns}
                rows={organizations}
                href={pathOf}
                sort={sort}
                onSort={(wanted) => set('sort', wanted.endsWith('updated_at') ? '-updated_at' : '')}
              />
              <Pager page={page} perPage={organizationsPerPage} count={count} onPage={(p) => set('page', String(p))} />
            </>
          ) : query ? (
            <Empty icon={<OrganizationIcon />} title={t('organization.none_found')}>
              {t('organization.none_found_hint')}
            </Empty>
          ) : (
            <Empty icon={<OrganizationIcon />} title={t('organization.none')} action={add}>
              {t('organization.none_hint')}
            </Empty>
          )
        }
      </Loaded>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}

/** Adds an organization, and goes to its page. */
function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { save } = useOrganizationActions()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [domains, setDomains] = useState('')
  const create = async () =>
    navigate(pathOf(await save(undefined, { name: name.trim(), domain_names: splitDomains(domains) })))
  return (
    <FormDialog
      title={t('organization.add')}
      submit={t('organization.create')}
      complete={name.trim() !== ''}
      onSubmit={create}
      onClose={onClose}
    >
      <FormField name="name" label={t('organization.name')} required>
        <Input value={name} autoFocus onChange={(_, data) => setName(data.value)} />
      </FormField>
      <FormField name="domain_names" label={t('organization.domains')} hint={t('organization.domains_hint')}>
        <Input value={domains} onChange={(_, data) => setDomains(data.value)} />
      </FormField>
    </FormDialog>
  )
}
