import { Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TicketShown, TicketStatus } from '../api/types'
import { useMe, useSession } from '../session/queries'
import { InternalIcon, ReplyIcon } from '../ui/icons'
import { ProblemBar } from '../ui/problems'
import { useShortcuts } from '../ui/shortcuts'
import { emptyText, type Draft } from './draft'
import { PeopleField } from './PeopleField'
import { useDesk } from './queries'
import { SubmitButton } from './SubmitButton'
import { UndoBar, type SentReply } from './UndoBar'
import { useDraft } from './useDraft'
import { WritingArea } from './WritingArea'

const useStyles = makeStyles({
  composer: {
    flexShrink: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL} ${tokens.spacingVerticalM}`,
    borderTop: `1px solid ${tokens.colorNeutralStroke1}`,
    boxShadow: tokens.shadow4,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  modes: { display: 'flex', gap: tokens.spacingHorizontalXS },
  note: { backgroundColor: tokens.colorPaletteMarigoldBackground1 },
  people: {
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    fontSize: tokens.fontSizeBase200,
  },
  dim: { color: tokens.colorNeutralForeground3 },
  to: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
})

const modes = [
  { mode: 'reply', icon: <ReplyIcon /> },
  { mode: 'note', icon: <InternalIcon /> },
] as const

/** Where the answer is written: a public reply or an internal note, never mistaken for each other. */
export function Composer({ data }: { data: TicketShown }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const undoSeconds = useSession().data?.undo_seconds ?? 0
  const { ticket, users = [] } = data
  const { draft, setDraft } = useDraft(me.id, ticket.id)
  const { change, cancelDelivery } = useDesk()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [sent, setSent] = useState<SentReply>()
  const area = useRef<HTMLTextAreaElement>(null)
  const text = draft[draft.mode]
  const note = draft.mode === 'note'

  const ccs = users.filter((user) => ticket.email_cc_ids.includes(user.id)).map((user) => user.email)
  const names = new Map(users.map((user) => [user.email, user.name]))
  const requester = users.find((user) => user.id === ticket.requester_id)

  const write = (mode: Draft['mode']) => {
    setDraft((old) => ({ ...old, mode }))
    // After the tab has changed, so that the caret lands in the right box.
    setTimeout(() => area.current?.focus())
  }
  useShortcuts({ r: () => write('reply'), i: () => write('note') })

  const submit = async (status: TicketStatus) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    const written = text.body.trim() !== '' || text.uploads.length > 0
    try {
      // Refused when somebody else was quicker; the writer then sees what is new before deciding again.
      const answer = await change(ticket.id, {
        safe_update: true,
        updated_stamp: ticket.updated_stamp,
        status,
        email_ccs: note ? undefined : draft.ccs?.map((email) => ({ user_email: email })),
        comment: written
          ? { body: text.body.trim(), public: !note, uploads: text.uploads.map((upload) => upload.token) }
          : undefined,
      })
      if (written && !note && answer.comment?.delivery?.state === 'waiting') {
        setSent({ comment: answer.comment, text, status: ticket.status, until: Date.now() + undoSeconds * 1000 })
      }
      setDraft((old) => ({ ...old, [draft.mode]: emptyText, ccs: note ? old.ccs : undefined }))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }

  const undo = async ({ comment, text: former, status }: SentReply) => {
    setSent(undefined)
    try {
      await cancelDelivery(comment)
      setDraft((old) => ({ ...old, mode: 'reply', reply: former }))
      await change(ticket.id, { status: status === 'new' ? 'open' : status })
    } catch (thrown) {
      setError(thrown)
    }
  }

  if (ticket.status === 'closed') return null
  const next = ticket.status === 'new' ? 'open' : ticket.status
  return (
    <section className={mergeClasses(styles.composer, note && styles.note)} aria-label={t('composer.label')}>
      {sent && <UndoBar sent={sent} onUndo={() => void undo(sent)} onOver={() => setSent(undefined)} />}
      <ProblemBar error={error} onDismiss={() => setError(undefined)} />
      <div className={styles.modes} role="group" aria-label={t('composer.label')}>
        {modes.map(({ mode, icon }) => (
          <Button
            key={mode}
            size="small"
            appearance={mode === draft.mode ? 'outline' : 'subtle'}
            icon={icon}
            aria-pressed={mode === draft.mode}
            onClick={() => write(mode)}
          >
            {t(`composer.${mode}`)}
          </Button>
        ))}
      </div>
      {note ? (
        <Text size={200} className={styles.dim}>
          {t('composer.note_hint')}
        </Text>
      ) : (
        <div className={styles.people}>
          <span className={styles.dim}>{t('composer.to')}</span>
          <span className={styles.to}>
            {requester?.name} {requester && `<${requester.email}>`}
          </span>
          <span className={styles.dim}>{t('composer.cc')}</span>
          <PeopleField
            emails={draft.ccs ?? ccs}
            names={names}
            label={t('composer.add_cc')}
            onChange={(emails) => setDraft((old) => ({ ...old, ccs: emails }))}
          />
        </div>
      )}
      <WritingArea
        key={draft.mode}
        inputRef={area}
        text={text}
        busy={busy}
        label={note ? t('composer.note_label') : t('composer.reply_label')}
        onText={(update) => setDraft((old) => ({ ...old, [draft.mode]: update(old[draft.mode]) }))}
        onSubmit={() => void submit(next)}
      >
        {(waits) => <SubmitButton status={next} disabled={waits} onSubmit={(status) => void submit(status)} />}
      </WritingArea>
    </section>
  )
}
