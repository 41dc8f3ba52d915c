import { Button } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { DeleteIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { Empty } from '../../ui/states'
import { useTicketLife } from './queries'

/** In place of a ticket that was deleted: it can be restored. */
export function DeletedNotice({ ticket }: { ticket: number }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const { restore } = useTicketLife()
  return (
    <Empty
      icon={<DeleteIcon />}
      title={t('life.is_deleted', { id: ticket })}
      action={
        <Button appearance="primary" onClick={() => void restore(ticket).catch(notify.failed)}>
          {t('life.restore')}
        </Button>
      }
    >
      {t('life.deleted_lead')}
    </Empty>
  )
}
