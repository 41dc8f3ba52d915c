import { Input, Select, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Address } from '../api/types'
import { FormDialog, FormField } from '../ui/FormDialog'
import { useNotify } from '../ui/notify'
import { useEmail } from './queries'

/** Adds an address under which mail only leaves. */
export function OutboundDialog({ through, onClose }: { through: Address[]; onClose: () => void }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const { addOutbound } = useEmail()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [connection, setConnection] = useState(through[0]?.connection_id ?? 0)
  const add = async () => {
    await addOutbound({ email, name, connection_id: connection })
    notify.done(t('outbound.added', { address: email }))
    onClose()
  }
  return (
    <FormDialog
      title={t('outbound.add')}
      submit={t('outbound.add')}
      complete={email.trim() !== ''}
      onSubmit={add}
      onClose={onClose}
    >
      <Text>{t('outbound.lead')}</Text>
      <FormField name="email" label={t('address.address')} hint={t('outbound.address_hint')} required>
        <Input value={email} autoFocus onChange={(_, data) => setEmail(data.value)} />
      </FormField>
      <FormField name="name" label={t('address.name')} hint={t('address.name_hint')}>
        <Input value={name} onChange={(_, data) => setName(data.value)} />
      </FormField>
      <FormField name="connection_id" label={t('outbound.through')} hint={t('outbound.through_hint')}>
        <Select value={String(connection)} onChange={(_, data) => setConnection(Number(data.value))}>
          {through.map((one) => (
            <option key={one.id} value={one.connection_id}>
              {one.email}
            </option>
          ))}
        </Select>
      </FormField>
    </FormDialog>
  )
}
