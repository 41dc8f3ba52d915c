import { Button, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { MicrosoftTenant } from '../api/types'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { AddIcon, TenantIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Empty, Loaded } from '../ui/states'
import { Expiry } from './Expiry'
import { useTenants } from './queries'
import { TenantDialog } from './TenantDialog'
import { TenantState } from './TenantState'

/** The Microsoft tenants in which Tandem is registered. */
export function Tenants() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const tenants = useTenants()
  const [adding, setAdding] = useState(false)
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => setAdding(true)}>
      {t('tenants.add')}
    </Button>
  )
  const columns: Column<MicrosoftTenant>[] = [
    {
      id: 'name',
      label: t('tenants.name'),
      cell: (tenant) => (
        <RowLink to={`/admin/tenants/${tenant.id}`} strong>
          {tenant.name}
        </RowLink>
      ),
      second: (tenant) => <TenantState tenant={tenant} />,
    },
    {
      id: 'state',
      label: t('address.status'),
      width: '220px',
      hide: 'narrow',
      cell: (tenant) => <TenantState tenant={tenant} />,
    },
    {
      id: 'expiry',
      label: t('tenants.in_use'),
      width: '220px',
      hide: 'medium',
      cell: (tenant) => (tenant.credentials[0] ? <Expiry credential={tenant.credentials[0]} /> : '–'),
    },
    {
      id: 'addresses',
      label: t('admin.email'),
      hide: 'medium',
      cell: (tenant) => <Text title={tenant.addresses.join(', ')}>{tenant.addresses.join(', ') || '–'}</Text>,
    },
  ]
  return (
    <Page title={t('admin.tenants')} lead={t('tenants.lead')} actions={add}>
      <Loaded query={tenants}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<TenantIcon />} title={t('tenants.none')} action={add}>
              {t('tenants.none_hint')}
            </Empty>
          ) : (
            <DataTable
              label={t('admin.tenants')}
              columns={columns}
              rows={list}
              href={(tenant) => `/admin/tenants/${tenant.id}`}
            />
          )
        }
      </Loaded>
      {adding && (
        <TenantDialog
          onSaved={(tenant) => void navigate(`/admin/tenants/${tenant.id}`)}
          onClose={() => setAdding(false)}
        />
      )}
    </Page>
  )
}
