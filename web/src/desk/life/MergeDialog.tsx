import {
  Button,
  Checkbox,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Field,
  Link,
  makeStyles,
  mergeClasses,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Ticket, TicketShown } from '../../api/types'
import { Dialog } from '../../ui/Dialog'
import { FilterInput } from '../../ui/FilterInput'
import { SwapIcon } from '../../ui/icons'
import { narrow } from '../../ui/layout'
import { useNotify } from '../../ui/notify'
import { ProblemBar } from '../../ui/problems'
import { Loaded, Loading } from '../../ui/states'
import { Time } from '../../ui/Time'
import { useConversation, useTicket, useTickets } from '../queries'
import { TicketStatus } from '../TicketStatus'
import { useTicketLife } from './queries'

const useStyles = makeStyles({
  surface: { maxWidth: '960px', width: '100%' },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  list: { listStyleType: 'none', margin: 0, padding: 0, maxHeight: '320px', overflowY: 'auto' },
  item: { display: 'flex', alignItems: 'baseline', gap: tokens.spacingHorizontalS, padding: `${tokens.spacingVerticalXS} 0` },
  grow: { flexGrow: 1, minWidth: 0, textAlign: 'start', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  sides: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto minmax(0, 1fr)',
    gap: tokens.spacingHorizontalM,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  swap: { alignSelf: 'center', justifySelf: 'center' },
  side: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    minWidth: 0,
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  talk: { height: '200px', overflowY: 'auto', display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalXS },
  said: { padding: tokens.spacingHorizontalS, borderRadius: tokens.borderRadiusSmall, backgroundColor: tokens.colorNeutralBackground2 },
  note: { backgroundColor: tokens.colorPaletteMarigoldBackground1 },
  text: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', display: 'block' },
})

/** Merges a ticket with another one: first which, then both conversations side by side, with what is said in each. */
export function MergeDialog({ data, onClose }: { data: TicketShown; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [other, setOther] = useState<number>()
  return (
    <Dialog className={styles.surface} onClose={onClose}>
      {other === undefined ? (
        <DialogBody>
          <DialogTitle>{t('merge.title', { id: data.ticket.id })}</DialogTitle>
          <DialogContent className={styles.content}>
            <Choice ticket={data.ticket} onChosen={setOther} />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
          </DialogActions>
        </DialogBody>
      ) : (
        <Confirmation ticket={data.ticket.id} other={other} onBack={() => setOther(undefined)} onClose={onClose} />
      )}
    </Dialog>
  )
}

/** The requester's other tickets, or those that a number or a word finds. */
function Choice({ ticket, onChosen }: { ticket: Ticket; onChosen: (id: number) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [query, setQuery] = useState('')
  const open = ['new', 'open', 'pending', 'hold', 'solved'] as const
  const found = useTickets(
    query ? { query, status: [...open] } : { requester_id: ticket.requester_id, status: [...open], sort: '-updated_at' },
    1,
    20,
  )
  return (
    <>
      <Field label={t('merge.find')}>
        <FilterInput value={query} onValue={setQuery} />
      </Field>
      <Text weight="semibold">{query ? t('merge.found') : t('merge.of_requester')}</Text>
      <Loaded query={found} loading={<Loading rows={4} />}>
        {({ tickets }) => {
          const others = tickets.filter((one) => one.id !== ticket.id)
          if (others.length === 0) return <Text className={styles.dim}>{query ? t('merge.none_found') : t('ticket.no_others')}</Text>
          return (
            <ul className={styles.list}>
              {others.map((one) => (
                <li key={one.id} className={styles.item}>
                  <TicketStatus status={one.status} />
                  <span className={styles.dim}>#{one.id}</span>
                  <Link as="button" className={styles.grow} onClick={() => onChosen(one.id)}>
                    {one.subject || t('ticket.no_subject')}
                  </Link>
                  <span className={styles.dim}>
                    <Time at={one.updated_at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </>
  )
}

function Confirmation({ ticket, other, onBack, onClose }: { ticket: number; other: number; onBack: () => void; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { merge } = useTicketLife()
  const [[source, target], setOrder] = useState([ticket, other])
  const [said, setSaid] = useState<{ source?: string; target?: string }>({})
  const [open, setOpen] = useState({ source: false, target: false })
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const from = useTicket(source)
  const into = useTicket(target)
  const words = {
    source: said.source ?? t('merge.source_comment', { source, target }),
    target: said.target ?? t('merge.target_comment', { source, target }),
  }
  const requester = from.data?.users?.find((user) => user.id === from.data.ticket.requester_id)
  const strange = from.data && into.data && from.data.ticket.requester_id !== into.data.ticket.requester_id

  const act = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await merge(target, [source], {
        source_comment: words.source,
        target_comment: words.target,
        source_comment_is_public: open.source,
        target_comment_is_public: open.target,
      })
      onClose()
      notify.done(t('merge.done', { source, target }))
      void navigate(`/tickets/${target}`)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  const side = (which: 'source' | 'target', id: number, shown: typeof from) => (
    <section className={styles.side} aria-label={t(`merge.${which}`, { id })}>
      <Text weight="semibold">{t(`merge.${which}`, { id })}</Text>
      <Loaded query={shown} loading={<Loading rows={1} />}>
        {({ ticket }) => <Text truncate>{ticket.subject || t('ticket.no_subject')}</Text>}
      </Loaded>
      <Talk ticket={id} />
      <Field label={t('merge.comment')}>
        <Textarea value={words[which]} onChange={(_, { value }) => setSaid({ ...said, [which]: value })} />
      </Field>
      <Checkbox
        label={t('merge.public')}
        checked={open[which]}
        onChange={(_, { checked }) => setOpen({ ...open, [which]: checked === true })}
      />
    </section>
  )
  return (
    <DialogBody>
      <DialogTitle>{t('merge.confirm_title', { source, target })}</DialogTitle>
      <DialogContent className={styles.content}>
        <Text>
          {t('merge.what', { source, target })} {strange && requester && t('merge.copies', { who: requester.name, target })}
        </Text>
        <div className={styles.sides}>
          {side('source', source, from)}
          <Button
            className={styles.swap}
            appearance="subtle"
            icon={<SwapIcon />}
            aria-label={t('merge.swap')}
            title={t('merge.swap')}
            onClick={() => {
              setOrder([target, source])
              setSaid({})
            }}
          />
          {side('target', target, into)}
        </div>
        <ProblemBar error={error} />
      </DialogContent>
      <DialogActions fluid>
        <Button onClick={onBack}>{t('merge.back')}</Button>
        <Button appearance="primary" disabled={busy} onClick={() => void act()}>
          {t('merge.confirm')}
        </Button>
      </DialogActions>
    </DialogBody>
  )
}

/** What was said, short: who, when, and the text. */
function Talk({ ticket }: { ticket: number }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const conversation = useConversation(ticket)
  return (
    <div className={styles.talk} tabIndex={0} role="group" aria-label={t('ticket.pane.conversation')}>
      <Loaded query={conversation} loading={<Loading rows={3} />}>
        {({ comments, users = [] }) =>
          comments.map((comment) => (
            <div key={comment.id} className={mergeClasses(styles.said, !comment.public && styles.note)}>
              <Text size={200} weight="semibold">
                {users.find((user) => user.id === comment.author_id)?.name}
              </Text>{' '}
              <span className={styles.dim}>
                <Time at={comment.created_at} />
              </span>
              <Text size={200} className={styles.text}>
                {comment.plain_body}
              </Text>
            </div>
          ))
        }
      </Loaded>
    </div>
  )
}
