import { Input, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MicrosoftTenant } from '../api/types'
import { FormDialog, FormField } from '../ui/FormDialog'
import { useTenantActions } from './queries'
import { NameField } from './SecretDialog'
import { useAdded } from './useAdded'

/** Adds a certificate from a file, with its private key. */
export function UploadDialog({ tenant, onClose }: { tenant: MicrosoftTenant; onClose: () => void }) {
  const { t } = useTranslation()
  const { addCredential } = useTenantActions()
  const added = useAdded(onClose)
  const [file, setFile] = useState<File>()
  const [password, setPassword] = useState('')
  const [name, setName] = useState('')
  const add = async () => {
    if (file) added(await addCredential(tenant.id, { kind: 'certificate', name, password, file: await base64(file) }))
  }
  return (
    <FormDialog
      title={t('credential.upload_certificate')}
      submit={t('credential.add_and_try')}
      complete={file !== undefined}
      onSubmit={add}
      onClose={onClose}
    >
      <Text>{t('credential.upload_why')}</Text>
      <FormField name="file" label={t('credential.file')} hint={t('credential.file_hint')} required>
        {(field) => (
          <input {...field} type="file" accept=".pfx,.p12,.pem" onChange={(event) => setFile(event.target.files?.[0])} />
        )}
      </FormField>
      <FormField name="password" label={t('credential.password')} hint={t('credential.password_hint')}>
        <Input type="password" autoComplete="off" value={password} onChange={(_, data) => setPassword(data.value)} />
      </FormField>
      <NameField name={name} onChange={setName} />
    </FormDialog>
  )
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
