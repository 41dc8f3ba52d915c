import { Button, Input, makeStyles, Text, tokens, Tooltip } from '@fluentui/react-components'
import { useRef, useState, type FormEvent } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink } from 'react-router'
import type { Ticket, TicketShown } from '../api/types'
import { BackIcon, EditIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { lastList } from './lastList'
import { TicketMenu } from './life/TicketMenu'
import { useDesk } from './queries'
import { TicketStatus } from './TicketStatus'

const useStyles = makeStyles({
  head: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    minWidth: 0,
  },
  back: { display: 'inline-flex', color: tokens.colorNeutralForeground2 },
  subject: { margin: 0, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  number: { color: tokens.colorNeutralForeground3, flexShrink: 0 },
  menu: { marginLeft: 'auto', flexShrink: 0 },
  form: { display: 'flex', flexGrow: 1, gap: tokens.spacingHorizontalS },
  input: { flexGrow: 1 },
})

/** The ticket's number, status and subject, which can be changed here, and what ends it. */
export function TicketHead({ data }: { data: TicketShown }) {
  const { ticket } = data
  const { t } = useTranslation()
  const styles = useStyles()
  const [editing, setEditing] = useState(false)
  const pencil = useRef<HTMLButtonElement>(null)
  const close = () => {
    flushSync(() => setEditing(false))
    pencil.current?.focus()
  }
  return (
    <header className={styles.head}>
      <RouterLink to={lastList()} className={styles.back} aria-label={t('ticket.back')}>
        <BackIcon />
      </RouterLink>
      <TicketStatus status={ticket.status} />
      <Text className={styles.number}>#{ticket.id}</Text>
      {editing ? (
        <SubjectForm ticket={ticket} onClose={close} />
      ) : (
        <>
          <Text as="h1" size={400} weight="semibold" className={styles.subject} title={ticket.subject}>
            {ticket.subject || t('ticket.no_subject')}
          </Text>
          {ticket.status !== 'closed' && (
            <Tooltip content={t('ticket.edit_subject')} relationship="label">
              <Button ref={pencil} size="small" appearance="subtle" icon={<EditIcon />} onClick={() => setEditing(true)} />
            </Tooltip>
          )}
        </>
      )}
      <span className={styles.menu}>
        <TicketMenu data={data} />
      </span>
    </header>
  )
}

function SubjectForm({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { change } = useDesk()
  const notify = useNotify()
  const [subject, setSubject] = useState(ticket.subject)
  const save = async (event: FormEvent) => {
    event.preventDefault()
    try {
      await change(ticket.id, { subject })
      onClose()
    } catch (thrown) {
      notify.failed(thrown)
    }
  }
  return (
    <form className={styles.form} onSubmit={(event) => void save(event)}>
      <Input
        autoFocus
        size="small"
        className={styles.input}
        aria-label={t('ticket.subject')}
        value={subject}
        onChange={(_, data) => setSubject(data.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      />
      <Button size="small" type="submit" appearance="primary" disabled={!subject.trim()}>
        {t('action.save')}
      </Button>
      <Button size="small" onClick={onClose}>
        {t('action.cancel')}
      </Button>
    </form>
  )
}
