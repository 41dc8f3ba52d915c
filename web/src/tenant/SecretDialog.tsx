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
import type { Credential, MicrosoftTenant } from '../api/types'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { useTenantActions } from './queries'
import { dayOf, endOfDay } from './states'
import { useAdded } from './useAdded'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** Adds a client secret; Microsoft is asked at once whether it is good. */
export function SecretDialog({ tenant, onClose }: { tenant: MicrosoftTenant; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { addCredential } = useTenantActions()
  const added = useAdded(onClose)
  const [secret, setSecret] = useState('')
  const [day, setDay] = useState('')
  const [name, setName] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void added.run(() =>
      addCredential(tenant.id, { kind: 'secret', secret, name, expires_at: day ? endOfDay(day) : undefined }),
    )
  }
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{t('credential.add_secret')}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>{t('credential.secret_where')}</Text>
              <ProblemBar error={added.error} />
              <Field label={t('credential.secret')} hint={t('credential.secret_hint')} required>
                <Input
                  type="password"
                  autoComplete="off"
                  value={secret}
                  autoFocus
                  onChange={(_, data) => setSecret(data.value)}
                />
              </Field>
              <Field label={t('credential.expires')} hint={t('credential.expires_hint')}>
                <Input type="date" value={day} onChange={(_, data) => setDay(data.value)} />
              </Field>
              <NameField name={name} onChange={setName} />
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={added.busy || !secret.trim()}>
                {t('credential.add_and_try')}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}

/** The name that people give a credential. */
export function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const { t } = useTranslation()
  return (
    <Field label={t('credential.name')} hint={t('credential.name_hint')}>
      <Input value={name} onChange={(_, data) => onChange(data.value)} />
    </Field>
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
  const styles = useStyles()
  const { changeCredential } = useTenantActions()
  const notify = useNotify()
  const [name, setName] = useState(credential.name)
  const [day, setDay] = useState(dayOf(credential.expires_at))
  const [error, setError] = useState<unknown>()
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    const changed = day !== dayOf(credential.expires_at)
    try {
      await changeCredential(tenant.id, credential.id, {
        name: name.trim(),
        ...(changed && { expires_at: day ? endOfDay(day) : null }),
      })
      notify.done(t('state.saved'))
      onClose()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void save(event)}>
          <DialogBody>
            <DialogTitle>{credential.name}</DialogTitle>
            <DialogContent className={styles.form}>
              <ProblemBar error={error} />
              <NameField name={name} onChange={setName} />
              {credential.kind === 'secret' && (
                <Field label={t('credential.expires')} hint={t('credential.expires_hint')}>
                  <Input type="date" value={day} onChange={(_, data) => setDay(data.value)} />
                </Field>
              )}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={!name.trim()}>
                {t('action.save')}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
