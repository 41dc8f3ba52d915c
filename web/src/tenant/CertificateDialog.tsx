import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Link,
  makeStyles,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Credential, MicrosoftTenant } from '../api/types'
import { Dialog } from '../ui/Dialog'
import { Facts } from '../ui/Facts'
import { FormDialog, FormField } from '../ui/FormDialog'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { certificateLink, useTenantActions } from './queries'
import { NameField } from './SecretDialog'

const lives = [6, 12, 24]

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  steps: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
  links: { display: 'flex', gap: tokens.spacingHorizontalL },
})

/** Makes a certificate, hands out its public part, and tries it when it is uploaded at Microsoft. */
export function CertificateDialog({ tenant, onClose }: { tenant: MicrosoftTenant; onClose: () => void }) {
  const { t } = useTranslation()
  const { addCredential } = useTenantActions()
  const [months, setMonths] = useState(12)
  const [name, setName] = useState('')
  const [made, setMade] = useState<Credential>()
  if (made) return <Upload tenant={tenant} made={made} onClose={onClose} />
  return (
    <FormDialog
      title={t('credential.make_certificate')}
      submit={t('credential.make')}
      complete
      onSubmit={async () => setMade(await addCredential(tenant.id, { kind: 'certificate', name, months }))}
      onClose={onClose}
    >
      <Text>{t('credential.make_why')}</Text>
      <FormField name="months" label={t('credential.life')}>
        <Select value={String(months)} onChange={(_, data) => setMonths(Number(data.value))}>
          {lives.map((life) => (
            <option key={life} value={life}>
              {t('credential.months', { count: life })}
            </option>
          ))}
        </Select>
      </FormField>
      <NameField name={name} onChange={setName} />
    </FormDialog>
  )
}

/** What is left to do at Microsoft, and the button to see whether it was done. */
function Upload({ tenant, made, onClose }: { tenant: MicrosoftTenant; made: Credential; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { tryCredential } = useTenantActions()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const tried = await tryCredential(tenant.id, made.id)
      if (!tried.error) {
        notify.done(t('credential.accepted_now', { name: made.name }))
        onClose()
      } else setError(problemOf(tried.error))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog alert onClose={onClose}>
      <DialogBody>
        <DialogTitle>{t('credential.made', { name: made.name })}</DialogTitle>
        <DialogContent className={styles.content}>
          <ol className={styles.steps}>
            <li>{t('credential.step_download')}</li>
            <li>{t('credential.step_upload')}</li>
            <li>{t('credential.step_try')}</li>
          </ol>
          <div className={styles.links}>
            <Link href={certificateLink(tenant.id, made.id, 'cer')}>
              {t('credential.download', { format: '.cer' })}
            </Link>
            <Link href={certificateLink(tenant.id, made.id, 'pem')}>
              {t('credential.download', { format: '.pem' })}
            </Link>
          </div>
          <Facts facts={[[t('credential.thumbprint'), made.hint]]} />
          <ProblemBar error={error} />
        </DialogContent>
        <DialogActions fluid>
          <Button onClick={onClose}>{t('credential.later')}</Button>
          <Button appearance="primary" disabled={busy} onClick={() => void attempt()}>
            {t('credential.try')}
          </Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}
