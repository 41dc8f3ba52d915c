import { Input, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Credential, MicrosoftTenant } from '../api/types'
import { FormDialog, FormField } from '../ui/FormDialog'
import { useNotify } from '../ui/notify'
import { useTenantActions } from './queries'
import { dayOf, endOfDay } from './states'
import { useAdded } from './useAdded'

/** Adds a client secret; Microsoft is asked at once whether it is good. */
export function SecretDialog({ tenant, onClose }: { tenant: MicrosoftTenant; onClose: () => void }) {
  const { t } = useTranslation()
  const { addCredential } = useTenantActions()
  const added = useAdded(onClose)
  const [secret, setSecret] = useState('')
  const [day, setDay] = useState('')
  const [name, setName] = useState('')
  const add = async () =>
    added(await addCredential(tenant.id, { kind: 'secret', secret, name, expires_at: day ? endOfDay(day) : undefined }))
  return (
    <FormDialog
      title={t('credential.add_secret')}
      submit={t('credential.add_and_try')}
      complete={secret.trim() !== ''}
      onSubmit={add}
      onClose={onClose}
    >
      <Text>{t('credential.secret_where')}</Text>
      <FormField name="secret" label={t('credential.secret')} hint={t('credential.secret_hint')} required>
        <Input
          type="password"
          autoComplete="off"
          value={secret}
          autoFocus
          onChange={(_, data) => setSecret(data.value)}
        />
      </FormField>
      <ExpiryField day={day} onChange={setDay} />
      <NameField name={name} onChange={setName} />
    </FormDialog>
  )
}

/** The last day of a secret, as Microsoft shows it. */
function ExpiryField({ day, onChange }: { day: string; onChange: (day: string) => void }) {
  const { t } = useTranslation()
  return (
    <FormField name="expires_at" label={t('credential.expires')} hint={t('credential.expires_hint')}>
      <Input type="date" value={day} onChange={(_, data) => onChange(data.value)} />
    </FormField>
  )
}

/** The name that people give a credential. */
export function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const { t } = useTranslation()
  return (
    <FormField name="name" label={t('credential.name')} hint={t('credential.name_hint')}>
      <Input value={name} onChange={(_, data) => onChange(data.value)} />
    </FormField>
  )
}

/** Names a credential and, for a secret, says when it ends. */
export function EditCredentialDialog({
  tenant,
  credential,
  onClose,
}: {
  tenant: MicrosoftTenant
  credential: Credential
  onClose: () => void
}) {
  const { t } = useTranslation()
  const { changeCredential } = useTenantActions()
  const notify = useNotify()
  const [name, setName] = useState(credential.name)
  const [day, setDay] = useState(dayOf(credential.expires_at))
  const save = async () => {
    const changed = day !== dayOf(credential.expires_at)
    await changeCredential(tenant.id, credential.id, {
      name: name.trim(),
      ...(changed && { expires_at: day ? endOfDay(day) : null }),
    })
    notify.done(t('state.saved'))
    onClose()
  }
  return (
    <FormDialog
      title={credential.name}
      submit={t('action.save')}
      complete={name.trim() !== ''}
      onSubmit={save}
      onClose={onClose}
    >
      <NameField name={name} onChange={setName} />
      {credential.kind === 'secret' && <ExpiryField day={day} onChange={setDay} />}
    </FormDialog>
  )
}
