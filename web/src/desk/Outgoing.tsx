import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, tokens } from '@fluentui/react-components'
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import type { Comment, TicketStatus } from '../api/types'
import { UndoIcon } from '../ui/icons'
import { narrow } from '../ui/layout'
import { useNotify } from '../ui/notify'
import { useDrafts } from './drafts'
import { useDesk } from './queries'

/** A reply that has not left yet, and how its ticket was before. */
export interface SentReply {
  comment: Comment
  status: TicketStatus
  ccs: string[]
  until: number
}

const OutgoingContext = createContext<((reply: SentReply) => void) | undefined>(undefined)

/** Announces a reply that can be taken back for some seconds. */
export function useOutgoing() {
  const announce = useContext(OutgoingContext)
  if (!announce) throw new Error('useOutgoing is for signed-in pages')
  return announce
}

const useStyles = makeStyles({
  bars: {
    position: 'fixed',
    zIndex: 20,
    // Over the pane of properties, so that it covers nothing one writes with.
    left: '76px',
    width: '224px',
    bottom: tokens.spacingVerticalL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    [narrow]: { left: tokens.spacingHorizontalS, right: tokens.spacingHorizontalS, width: 'auto', bottom: '68px' },
  },
  bar: { boxShadow: tokens.shadow16 },
})

/** Shows the replies that are about to leave, on whatever page the agent goes to meanwhile. */
export function OutgoingProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [replies, setReplies] = useState<SentReply[]>([])
  const announce = useCallback((reply: SentReply) => setReplies((all) => [...all, reply]), [])
  const forget = useCallback((reply: SentReply) => setReplies((all) => all.filter((one) => one !== reply)), [])
  const takeBack = useTakeBack()
  return (
    <OutgoingContext value={announce}>
      {children}
      {replies.length > 0 && (
        <aside className={styles.bars} aria-label={t('undo.label')}>
          {replies.map((reply) => (
            <UndoBar
              key={reply.comment.id}
              reply={reply}
              onOver={forget}
              onUndo={() => {
                forget(reply)
                void takeBack(reply)
              }}
            />
          ))}
        </aside>
      )}
    </OutgoingContext>
  )
}

/** Takes a reply back: its text, pictures, files and people in copy are a draft again, and the ticket is as before. */
function useTakeBack() {
  const drafts = useDrafts()
  const { cancelDelivery, change } = useDesk()
  const notify = useNotify()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  return async ({ comment, status, ccs }: SentReply) => {
    const ticket = comment.ticket_id
    const { keeper } = drafts.of(ticket)
    try {
      await keeper.flush()
      await cancelDelivery(comment)
      await keeper.refresh()
      if (pathname !== `/tickets/${ticket}`) void navigate(`/tickets/${ticket}`)
      await change(ticket, {
        status: status === 'new' ? 'open' : status,
        email_ccs: ccs.map((email) => ({ user_email: email })),
      })
    } catch (thrown) {
      notify.failed(thrown)
    }
  }
}

/** The last seconds in which a reply can be taken back. */
function UndoBar({ reply, onUndo, onOver }: { reply: SentReply; onUndo: () => void; onOver: (reply: SentReply) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [left, setLeft] = useState(() => secondsUntil(reply.until))
  useEffect(() => {
    const timer = setInterval(() => {
      const seconds = secondsUntil(reply.until)
      setLeft(seconds)
      if (seconds <= 0) onOver(reply)
    }, 250)
    return () => clearInterval(timer)
  }, [reply, onOver])
  return (
    <MessageBar className={styles.bar} intent="info" layout="multiline" role="status">
      <MessageBarBody>
        {t('undo.sending', { count: Math.max(left, 0), ticket: String(reply.comment.ticket_id) })}
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" icon={<UndoIcon />} onClick={onUndo}>
          {t('action.undo')}
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}

const secondsUntil = (instant: number) => Math.ceil((instant - Date.now()) / 1000)
