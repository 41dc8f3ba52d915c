import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { TicketShown } from '../../api/types'
import { DeleteIcon, MergeIcon, MoreIcon, SpamIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { lastList } from '../lastList'
import { useTicketLife } from './queries'

const MergeDialog = lazy(() => import('./MergeDialog').then((m) => ({ default: m.MergeDialog })))
const SpamDialog = lazy(() => import('./SpamDialog').then((m) => ({ default: m.SpamDialog })))

/** What ends a ticket: merging it into another one, marking it as spam, deleting it. */
export function TicketMenu({ data }: { data: TicketShown }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const notify = useNotify()
  const { remove, restore } = useTicketLife()
  const [asks, setAsks] = useState<'merge' | 'spam'>()
  const { ticket } = data

  const erase = async () => {
    try {
      await remove(ticket.id)
      void navigate(lastList())
      notify.done(t('life.deleted', { id: ticket.id }), () => void bringBack())
    } catch (thrown) {
      notify.failed(thrown)
    }
  }
  const bringBack = async () => {
    try {
      await restore(ticket.id)
      void navigate(`/tickets/${ticket.id}`)
    } catch (thrown) {
      notify.failed(thrown)
    }
  }

  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" appearance="subtle" icon={<MoreIcon />} aria-label={t('life.more')} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem icon={<MergeIcon />} disabled={ticket.status === 'closed'} onClick={() => setAsks('merge')}>
              {t('life.merge')}
            </MenuItem>
            <MenuItem icon={<SpamIcon />} onClick={() => setAsks('spam')}>
              {t('life.spam')}
            </MenuItem>
            <MenuItem icon={<DeleteIcon />} onClick={() => void erase()}>
              {t('life.delete')}
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      <Suspense>
        {asks === 'merge' && <MergeDialog data={data} onClose={() => setAsks(undefined)} />}
        {asks === 'spam' && <SpamDialog data={data} onClose={() => setAsks(undefined)} />}
      </Suspense>
    </>
  )
}
