import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  Input,
  makeStyles,
  Select,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Address } from '../api/types'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { useEmail } from './queries'

const useStyles = makeStyles({
  fields: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** Adds an address under which mail only leaves. */
export function OutboundDialog({ through }: { through: Address[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { addOutbound } = useEmail()
  const [open, setOpen] = useState(false)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [connection, setConnection] = useState(through[0]?.connection_id ?? 0)
  const [error, setError] = useState<unknown>()
  const add = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await addOutbound({ email, name, connection_id: connection })
      notify.done(t('outbound.added', { address: email }))
      setOpen(false)
      setEmail('')
      setName('')
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Dialog open={open} onOpenChange={(_, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button>{t('outbound.add')}</Button>
      </DialogTrigger>
      <DialogSurface>
        <form onSubmit={(event) => void add(event)}>
          <DialogBody>
            <DialogTitle>{t('outbound.add')}</DialogTitle>
            <DialogContent className={styles.fields}>
              {t('outbound.lead')}
              <ProblemBar error={error} />
              <Field label={t('address.address')} hint={t('outbound.address_hint')} required>
                <Input value={email} onChange={(_, data) => setEmail(data.value)} />
              </Field>
              <Field label={t('address.name')} hint={t('address.name_hint')}>
                <Input value={name} onChange={(_, data) => setName(data.value)} />
              </Field>
              <Field label={t('outbound.through')} hint={t('outbound.through_hint')}>
                <Select value={String(connection)} onChange={(_, data) => setConnection(Number(data.value))}>
                  {through.map((one) => (
                    <option key={one.id} value={one.connection_id}>
                      {one.email}
                    </option>
                  ))}
                </Select>
              </Field>
            </DialogContent>
            <DialogActions>
              <Button onClick={() => setOpen(false)}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={email.trim() === ''}>
                {t('outbound.add')}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
