import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Conversation, Ticket } from '../api/types'
import { short } from '../ui/layout'
import { Loaded, Loading } from '../ui/states'
import { CommentCard } from './CommentCard'
import { useConversation } from './queries'

const useStyles = makeStyles({
  pane: { flexGrow: 1, overflowY: 'auto', minHeight: 0, position: 'relative', [short]: { minHeight: '180px' } },
  list: { display: 'flex', flexDirection: 'column', gap: '1px', paddingBottom: tokens.spacingVerticalM },
  below: { position: 'sticky', bottom: tokens.spacingVerticalM, display: 'flex', justifyContent: 'center' },
})

/** Everything said on the ticket, newest last. */
export function ConversationPane({ ticket, onJourney }: { ticket: Ticket; onJourney: (mail: number) => void }) {
  const conversation = useConversation(ticket.id)
  return (
    <Loaded query={conversation} loading={<Loading rows={5} height={64} />}>
      {(data) => <Comments data={data} onJourney={onJourney} />}
    </Loaded>
  )
}

function Comments({ data, onJourney }: { data: Conversation; onJourney: (mail: number) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const people = useMemo(() => new Map(data.users?.map((user) => [user.id, user])), [data.users])
  const { pane, list, atEnd, toEnd } = useStickToEnd()
  const [seen, setSeen] = useState(data.comments.length)
  useEffect(() => {
    if (atEnd) setSeen(data.comments.length)
  }, [atEnd, data.comments.length])
  const unseen = data.comments.length - seen

  return (
    <div ref={pane} className={styles.pane} role="log" aria-label={t('ticket.pane.conversation')} tabIndex={0}>
      <div ref={list} className={styles.list}>
        {data.comments.map((comment) => (
          <CommentCard
            key={comment.id}
            comment={comment}
            author={people.get(comment.author_id)}
            onJourney={onJourney}
          />
        ))}
      </div>
      {!atEnd && unseen > 0 && (
        <div className={styles.below}>
          <Button size="small" appearance="primary" shape="circular" onClick={toEnd}>
            {t('conversation.new_below', { count: unseen })}
          </Button>
        </div>
      )}
    </div>
  )
}

/**
 * Keeps the newest comment in sight while mails grow to their height, until the
 * reader scrolls away. One that is higher than the pane shows from its beginning.
 */
function useStickToEnd() {
  const pane = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const stuck = useRef(true)
  const [atEnd, setAtEnd] = useState(true)

  const toEnd = () => {
    const newest = list.current?.lastElementChild
    if (pane.current && newest instanceof HTMLElement) pane.current.scrollTo({ top: newest.offsetTop })
  }
  useEffect(() => {
    const outer = pane.current
    const inner = list.current
    if (!outer || !inner) return
    const keep = () => {
      if (stuck.current) toEnd()
    }
    const scrolled = () => {
      const newest = inner.lastElementChild
      const start = newest instanceof HTMLElement ? newest.offsetTop : 0
      const end = outer.scrollHeight - outer.clientHeight
      stuck.current = outer.scrollTop > Math.min(start, end) - 48
      setAtEnd(stuck.current)
    }
    keep()
    const watcher = new ResizeObserver(keep)
    watcher.observe(inner)
    watcher.observe(outer)
    outer.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      watcher.disconnect()
      outer.removeEventListener('scroll', scrolled)
    }
  }, [])
  return { pane, list, atEnd, toEnd }
}
