import { Button } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { apiURL } from '../api/client'
import type { Mail, MailDetails } from '../api/types'
import { RetryIcon, SourceIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { useEmail } from './queries'

/** The buttons that help a mail in its state, and its raw source. */
export function MailActions({ mail }: { mail: Mail | MailDetails }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const notify = useNotify()
  const { retryMail, makeTicket, accept } = useEmail()
  const [busy, setBusy] = useState(false)
  const act = (work: () => Promise<void>) => {
    setBusy(true)
    work()
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }
  return (
    <>
      {mail.actions.includes('retry') && (
        <Button appearance="primary" icon={<RetryIcon />} disabled={busy} onClick={() => act(() => retryMail(mail.id))}>
          {t('action.try_again')}
        </Button>
      )}
      {mail.actions.includes('accept') && (
        <Button appearance="primary" disabled={busy} onClick={() => act(() => accept(mail))}>
          {t('mail.accept')}
        </Button>
      )}
      {mail.actions.includes('recover') && (
        <Button appearance="primary" onClick={() => void navigate(`/suspended?mail=${mail.id}`)}>
          {t('suspended.recover')}
        </Button>
      )}
      {mail.actions.includes('make_ticket') && (
        <Button
          disabled={busy}
          onClick={() =>
            act(async () => {
              const ticket = await makeTicket(mail.id)
              await navigate(`/tickets/${ticket.id}`)
            })
          }
        >
          {t('mail.make_ticket')}
        </Button>
      )}
      {mail.direction === 'in' && mail.size > 0 && (
        <Button as="a" href={apiURL(`/mail/${mail.id}/source`)} target="_blank" icon={<SourceIcon />}>
          {t('mail.source')}
        </Button>
      )}
    </>
  )
}
