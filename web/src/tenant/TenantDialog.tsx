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
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { useTenantActions } from './queries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

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
  const styles = useStyles()
  const { save } = useTenantActions()
  const notify = useNotify()
  const [name, setName] = useState(tenant?.name ?? '')
  const [directory, setDirectory] = useState(tenant?.directory ?? '')
  const [clientID, setClientID] = useState(tenant?.client_id ?? '')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const saved = await save(tenant?.id, { name: name.trim(), directory, client_id: clientID })
      notify.done(t('state.saved'))
      onClose()
      onSaved?.(saved)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void submit(event)}>
          <DialogBody>
            <DialogTitle>{tenant ? tenant.name : t('tenants.add')}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>{t('tenants.where')}</Text>
              <ProblemBar error={error} />
              <Field label={t('tenants.directory')} hint={t('tenants.directory_hint')} required>
                <Input value={directory} autoFocus onChange={(_, data) => setDirectory(data.value)} />
              </Field>
              <Field label={t('tenants.client_id')} hint={tenant ? t('tenants.client_id_change') : undefined} required>
                <Input value={clientID} onChange={(_, data) => setClientID(data.value)} />
              </Field>
              <Field label={t('tenants.name')} hint={t('tenants.name_hint')}>
                <Input value={name} onChange={(_, data) => setName(data.value)} />
              </Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={busy || !directory.trim() || !clientID.trim()}>
                {t('action.save')}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
