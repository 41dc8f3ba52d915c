import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { problemOf } from '../api/problem'
import type { MicrosoftTenant } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { DeleteIcon, EditIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { useProblemWords } from '../ui/problems'
import { Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { Credentials } from './Credentials'
import { useTenant, useTenantActions } from './queries'
import { TenantDialog } from './TenantDialog'
import { TenantState } from './TenantState'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  steps: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
})

/** One Microsoft tenant: its app registration, and how Tandem proves to be it. */
export function TenantPage() {
  const { t } = useTranslation()
  const { id } = useParams()
  const tenant = useTenant(Number(id))
  return (
    <Loaded query={tenant}>
      {(data) => (
        <Page
          title={data.name}
          lead={<TenantState tenant={data} />}
          back={{ to: '/admin/tenants', label: t('admin.tenants') }}
          actions={<Actions tenant={data} />}
        >
          <TenantTrouble tenant={data} />
          <Credentials tenant={data} />
          <Rotation />
          <Registration tenant={data} />
        </Page>
      )}
    </Loaded>
  )
}

function Actions({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const notify = useNotify()
  const { remove } = useTenantActions()
  const [open, setOpen] = useState<'edit' | 'remove'>()
  const close = () => setOpen(undefined)
  return (
    <>
      <Button icon={<EditIcon />} onClick={() => setOpen('edit')}>
        {t('action.edit')}
      </Button>
      <Button icon={<DeleteIcon />} onClick={() => setOpen('remove')}>
        {t('tenants.remove')}
      </Button>
      {open === 'edit' && <TenantDialog tenant={tenant} onClose={close} />}
      {open === 'remove' && tenant.addresses.length > 0 && (
        <ConfirmDialog
          title={t('tenants.stays', { tenant: tenant.name })}
          informs
          confirm={t('action.understood')}
          onConfirm={() => Promise.resolve()}
          onClose={close}
        >
          <Text block>{t('tenants.used_by', { addresses: tenant.addresses.join(', ') })}</Text>
        </ConfirmDialog>
      )}
      {open === 'remove' && tenant.addresses.length === 0 && (
        <ConfirmDialog
          title={t('tenants.remove_title', { tenant: tenant.name })}
          confirm={t('tenants.remove')}
          name={tenant.name}
          onConfirm={async () => {
            await remove(tenant.id)
            notify.done(t('tenants.removed', { tenant: tenant.name }))
            await navigate('/admin/tenants')
          }}
          onClose={close}
        >
          <Text block>{t('tenants.remove_what', { count: tenant.credentials.length })}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}

/** Why Microsoft refuses the whole tenant, whose side it is on, and what to do. */
function TenantTrouble({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  if (!tenant.error) return null
  const { message, remedy, side } = words(problemOf(tenant.error))
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{message}</MessageBarTitle> {remedy} {side}{' '}
        {tenant.addresses.length > 0 && t('tenants.stand_still', { count: tenant.addresses.length })}{' '}
        <code>{tenant.error.code}</code> <Time at={tenant.error.at} />
      </MessageBarBody>
    </MessageBar>
  )
}

/** How one credential follows another without a pause. */
function Rotation() {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('rotation.title')}</Subtitle2>
      <ol className={styles.steps}>
        <li>{t('rotation.add')}</li>
        <li>{t('rotation.tried')}</li>
        <li>{t('rotation.takes_over')}</li>
        <li>{t('rotation.remove')}</li>
      </ol>
      <Text>{t('rotation.warned')}</Text>
    </Card>
  )
}

function Registration({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('tenants.registration')}</Subtitle2>
      <Facts
        facts={[
          [t('tenants.directory'), tenant.directory],
          [t('tenants.client_id'), tenant.client_id],
          [t('tenants.token_endpoint'), tenant.token_endpoint],
          [t('admin.email'), tenant.addresses.join(', ') || t('tenants.no_address')],
          [t('ticket.created'), <Time at={tenant.created_at} />],
        ]}
      />
      {tenant.directory === 'organizations' && <Text>{t('tenants.any_directory')}</Text>}
    </Card>
  )
}
