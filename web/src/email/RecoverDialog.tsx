import { Checkbox, Field, Input, makeStyles, Radio, RadioGroup, Text, Textarea, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { RecoverWish, SuspendedMail } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useNotify } from '../ui/notify'
import { useSuspendedActions } from './suspendedQueries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
})

const ways = ['as_it_is', 'edited', 'comment'] as const
type Way = (typeof ways)[number]

/** Asks how a suspended mail is taken in: as it is, edited, or as a comment of a ticket. */
export function RecoverDialog({ mail, onClose }: { mail: SuspendedMail; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { recover, removeSender } = useSuspendedActions()
  const [way, setWay] = useState<Way>('as_it_is')
  const [subject, setSubject] = useState(mail.subject)
  const [requester, setRequester] = useState(mail.author.email)
  const [text, setText] = useState(mail.content)
  const [ticket, setTicket] = useState('')
  const [trust, setTrust] = useState(true)

  const wish = (): RecoverWish => {
    if (way === 'comment') return { ticket_id: Number(ticket.replace('#', '')), trust }
    if (way === 'as_it_is') return { trust }
    return {
      subject,
      // What was not touched stays as it was sent: this box holds only the beginning of a long mail.
      text: text === mail.content ? undefined : text,
      requester: requester === mail.author.email ? undefined : { email: requester.trim() },
      trust,
    }
  }
  const act = async () => {
    const done = await recover(mail.id, wish())
    const trusted = done?.trusted_sender
    if (trusted) {
      notify.done(t('suspended.trusts_now', { sender: trusted.pattern }), () => {
        void removeSender(trusted.id).catch(notify.failed)
      })
    } else {
      notify.done(t('suspended.recovered', { count: 1 }))
    }
    if (done?.ticket_id) await navigate(`/tickets/${done.ticket_id}`)
  }

  return (
    <ConfirmDialog
      title={t('suspended.recover_title', { count: 1 })}
      confirm={t('suspended.recover')}
      onConfirm={act}
      onClose={onClose}
    >
      <div className={styles.form}>
        <RadioGroup value={way} onChange={(_, data) => setWay(data.value as Way)} aria-label={t('suspended.how')}>
          {ways.map((one) => (
            <Radio key={one} value={one} label={t(`suspended.way.${one}`)} />
          ))}
        </RadioGroup>
        {way === 'edited' && (
          <>
            <Field label={t('ticket.subject')}>
              <Input value={subject} onChange={(_, data) => setSubject(data.value)} />
            </Field>
            <Field label={t('ticket.requester')}>
              <Input type="email" value={requester} onChange={(_, data) => setRequester(data.value)} />
            </Field>
            <Field label={t('mail.text')}>
              <Textarea rows={8} value={text} onChange={(_, data) => setText(data.value)} />
            </Field>
          </>
        )}
        {way === 'comment' && (
          <Field label={t('suspended.ticket_number')} required>
            <Input inputMode="numeric" value={ticket} onChange={(_, data) => setTicket(data.value)} />
          </Field>
        )}
        {mail.teaches ? (
          <Checkbox
            checked={trust}
            onChange={(_, data) => setTrust(data.checked === true)}
            label={t('suspended.trust', { sender: mail.author.email })}
          />
        ) : (
          <Text size={200}>{t('suspended.no_trust')}</Text>
        )}
      </div>
    </ConfirmDialog>
  )
}
