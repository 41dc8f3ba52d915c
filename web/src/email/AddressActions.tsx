import { Button, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Address } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { DeleteIcon, DisconnectIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { useAddresses, useEmail } from './queries'

/** Disconnecting and removing, each with a word on what will happen. */
export function AddressActions({ address }: { address: Address }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const notify = useNotify()
  const { data: all = [] } = useAddresses()
  const { disconnect, removeAddress } = useEmail()
  const [asking, setAsking] = useState<'disconnect' | 'remove'>()
  const connection = address.connection
  const connected = connection !== null && connection.status !== 'disconnected'
  const others = all.filter((other) => other.id !== address.id).map((other) => other.email)

  return (
    <>
      {connected && (
        <Button icon={<DisconnectIcon />} onClick={() => setAsking('disconnect')}>
          {t('address.disconnect')}
        </Button>
      )}
      <Button icon={<DeleteIcon />} onClick={() => setAsking('remove')}>
        {t('address.remove')}
      </Button>
      {asking && address.default && (
        <ConfirmDialog
          title={t('address.default_stays', { address: address.email })}
          informs
          confirm={t('action.understood')}
          onConfirm={() => Promise.resolve()}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{others[0] ? t('address.default_first', { other: others[0] }) : t('address.default_only')}</Text>
        </ConfirmDialog>
      )}
      {asking === 'disconnect' && !address.default && connection && (
        <ConfirmDialog
          title={t('disconnect.title', { address: address.email })}
          confirm={t('address.disconnect')}
          onConfirm={async () => {
            await disconnect(connection.id)
            notify.done(t('disconnect.done', { address: address.email }))
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text block>
            {connection.kind === 'forwarding'
              ? t('forwarding.disconnect', { address: address.email })
              : t('disconnect.mail', { address: address.email })}
          </Text>
          <Text block>{t('disconnect.replies', { count: connection.figures.waiting })}</Text>
          <Text block>{t('disconnect.back')}</Text>
        </ConfirmDialog>
      )}
      {asking === 'remove' && !address.default && (
        <ConfirmDialog
          title={t('remove_address.title', { address: address.email })}
          confirm={t('address.remove')}
          name={address.email}
          onConfirm={async () => {
            await removeAddress(address.id)
            notify.done(t('remove_address.done', { address: address.email }))
            await navigate('/admin/email')
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('remove_address.what')}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}
