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
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { MicrosoftTenant } from '../api/types'
import { ProblemBar } from '../ui/problems'
import { useTenantActions } from './queries'
import { NameField } from './SecretDialog'
import { useAdded } from './useAdded'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** Adds a certificate from a file, with its private key. */
export function UploadDialog({ tenant, onClose }: { tenant: MicrosoftTenant; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { addCredential } = useTenantActions()
  const added = useAdded(onClose)
  const [file, setFile] = useState<File>()
  const [password, setPassword] = useState('')
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!file) return
    void added.run(async () =>
      addCredential(tenant.id, { kind: 'certificate', name, password, file: await base64(file) }),
    )
  }
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{t('credential.upload_certificate')}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>{t('credential.upload_why')}</Text>
              <ProblemBar error={added.error} />
              <Field label={t('credential.file')} hint={t('credential.file_hint')} required>
                <input
                  type="file"
                  accept=".pfx,.p12,.pem"
                  aria-label={t('credential.file')}
                  onChange={(event) => setFile(event.target.files?.[0])}
                />
              </Field>
              <Field label={t('credential.password')} hint={t('credential.password_hint')}>
                <Input
                  type="password"
                  autoComplete="off"
                  value={password}
                  onChange={(_, data) => setPassword(data.value)}
                />
              </Field>
              <NameField name={name} onChange={setName} />
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={added.busy || !file}>
                {t('credential.add_and_try')}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
