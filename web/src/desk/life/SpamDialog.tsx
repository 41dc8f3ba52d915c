import { Text } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { TicketShown } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { useNotify } from '../../ui/notify'
import { lastList } from '../lastList'
import { useTicketLife } from './queries'

/** Asks before a ticket is spam, and says exactly what happens then. */
export function SpamDialog({ data, onClose }: { data: TicketShown; onClose: () => void }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const notify = useNotify()
  const { markAsSpam, noSpam } = useTicketLife()
  const { ticket, users = [] } = data
  const requester = users.find((user) => user.id === ticket.requester_id)
  const who = requester ? `${requester.name} <${requester.email}>` : `#${ticket.requester_id}`

  const confirm = async () => {
    await markAsSpam(ticket.id)
    void navigate(lastList())
    notify.done(t('life.spam_done', { id: ticket.id, who: requester?.name ?? who }), () => {
      noSpam([ticket.id], [ticket.requester_id]).then(() => void navigate(`/tickets/${ticket.id}`), notify.failed)
    })
  }
  return (
    <ConfirmDialog
      title={t('life.spam_title', { id: ticket.id })}
      confirm={t('life.spam_confirm')}
      onConfirm={confirm}
      onClose={onClose}
    >
      <ul>
        <li>
          <Text>{t('life.spam_deletes')}</Text>
        </li>
        <li>
          <Text>{t('life.spam_suspends', { who })}</Text>
        </li>
        <li>
          <Text>{t('life.spam_keeps')}</Text>
        </li>
      </ul>
    </ConfirmDialog>
  )
}
