import { useTranslation } from 'react-i18next'
import type { Connection } from '../api/types'
import { StatusMark } from '../ui/StatusMark'
import { connectionTones } from './states'

/** How an address stands: connected and well, importing, waiting for Microsoft, in error, disconnected. */
export function ConnectionStatus({ connection }: { connection: Connection | null }) {
  const { t } = useTranslation()
  const status = connection?.status ?? 'disconnected'
  const progress = connection?.import
  return (
    <StatusMark tone={connectionTones[status]}>
      {status === 'importing' && progress
        ? t('connection.importing', { done: progress.done, total: progress.total })
        : status === 'waiting' && connection?.kind === 'forwarding'
          ? t('forwarding.state.waiting')
          : t(`connection.status.${status}`)}
    </StatusMark>
  )
}
