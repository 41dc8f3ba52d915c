import { Input, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MicrosoftTenant } from '../api/types'
import { FormDialog, FormField } from '../ui/FormDialog'
import { useNotify } from '../ui/notify'
import { useTenantActions } from './queries'

/** Names an app registration: a new one, or one that is there already. */
export function TenantDialog({
  tenant,
  onSaved,
  onClose,
}: {
  tenant?: MicrosoftTenant
  onSaved?: (tenant: MicrosoftTenant) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { save } = useTenantActions()
  const notify = useNotify()
  const [name, setName] = useState(tenant?.name ?? '')
  const [directory, setDirectory] = useState(tenant?.directory ?? '')
  const [clientID, setClientID] = useState(tenant?.client_id ?? '')
  const submit = async () => {
    const saved = await save(tenant?.id, { name: name.trim(), directory, client_id: clientID })
    notify.done(t('state.saved'))
    onClose()
    onSaved?.(saved)
  }
  return (
    <FormDialog
      title={tenant ? tenant.name : t('tenants.add')}
      submit={t('action.save')}
      complete={directory.trim() !== '' && clientID.trim() !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>{t('tenants.where')}</Text>
      <FormField name="directory" label={t('tenants.directory')} hint={t('tenants.directory_hint')} required>
        <Input value={directory} autoFocus onChange={(_, data) => setDirectory(data.value)} />
      </FormField>
      <FormField name="client_id" label={t('tenants.client_id')} hint={tenant ? t('tenants.client_id_change') : undefined} required>
        <Input value={clientID} onChange={(_, data) => setClientID(data.value)} />
      </FormField>
      <FormField name="name" label={t('tenants.name')} hint={t('tenants.name_hint')}>
        <Input value={name} onChange={(_, data) => setName(data.value)} />
      </FormField>
    </FormDialog>
  )
}
