import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Comment, TicketStatus } from '../api/types'
import { UndoIcon } from '../ui/icons'
import type { DraftText } from './draft'

/** A reply that has not left yet, and all that is needed to take it back. */
export interface SentReply {
  comment: Comment
  text: DraftText
  status: TicketStatus
  until: number
}

/** The last seconds in which a reply can be taken back. */
export function UndoBar({ sent, onUndo, onOver }: { sent: SentReply; onUndo: () => void; onOver: () => void }) {
  const { t } = useTranslation()
  const [left, setLeft] = useState(() => secondsUntil(sent.until))
  useEffect(() => {
    const timer = setInterval(() => {
      const seconds = secondsUntil(sent.until)
      setLeft(seconds)
      if (seconds <= 0) onOver()
    }, 250)
    return () => clearInterval(timer)
  }, [sent, onOver])
  return (
    <MessageBar intent="info" role="status">
      <MessageBarBody>{t('undo.sending', { count: Math.max(left, 0) })}</MessageBarBody>
      <MessageBarActions>
        <Button size="small" icon={<UndoIcon />} onClick={onUndo}>
          {t('action.undo')}
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}

const secondsUntil = (instant: number) => Math.ceil((instant - Date.now()) / 1000)
