import { Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem'
import type { AppliedMacro, Macro, Ticket, TicketChange, TicketShown, TicketStatus } from '../api/types'
import { useSession } from '../session/queries'
import { CloseIcon, InternalIcon, MacroIcon, ReplyIcon } from '../ui/icons'
import { ProblemBar } from '../ui/problems'
import { useShortcuts } from '../ui/shortcuts'
import { Loading } from '../ui/states'
import { hasContent, tokensOf, type Draft } from './draft'
import { DraftBars } from './DraftBars'
import type { DraftKeeper } from './draftKeeper'
import { useDraft } from './drafts'
import { conflictRows, type Conflict } from './life/conflict'
import { changeOf } from './macro/queries'
import { useOutgoing } from './Outgoing'
import { PeopleField } from './PeopleField'
import { useDesk } from './queries'
import { SubmitButton } from './SubmitButton'
import { WritingArea } from './WritingArea'

const MacroPicker = lazy(() => import('./macro/MacroPicker').then((m) => ({ default: m.MacroPicker })))
const ConflictDialog = lazy(() => import('./life/ConflictDialog').then((m) => ({ default: m.ConflictDialog })))
const AppliedList = lazy(() => import('./macro/AppliedList').then((m) => ({ default: m.AppliedList })))

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
  staged: {
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'flex-start',
    padding: tokens.spacingHorizontalS,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorBrandBackground2,
  },
  last: { marginLeft: 'auto' },
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
  const { ticket, users = [] } = data
  const { draft, edition, rival, trouble, loading, keeper, pictures } = useDraft(ticket.id)
  const ccs = users.filter((user) => ticket.email_cc_ids.includes(user.id)).map((user) => user.email)
  const [staged, setStaged] = useState<{ macro: Macro; applied: AppliedMacro }[]>([])
  const { busy, error, conflict, submit, send, dismiss } = useSubmit(data.ticket, ccs, keeper, staged, () => setStaged([]))
  const [choosing, setChoosing] = useState(false)
  const [focusWish, setFocusWish] = useState(0)
  const note = draft.mode === 'note'

  const names = new Map(users.map((user) => [user.email, user.name]))
  const requester = users.find((user) => user.id === ticket.requester_id)

  const write = (mode: Draft['mode']) => {
    if (mode !== draft.mode) keeper.change((old) => ({ ...old, mode }))
    setFocusWish((n) => n + 1)
  }
  useShortcuts({ r: () => write('reply'), i: () => write('note'), m: () => setChoosing(true) })

  /** Takes what a macro makes of the ticket into the draft; its properties wait for the submit. */
  const takeMacro = (macro: Macro, applied: AppliedMacro) => {
    const { comment } = applied
    keeper.replace((old) => {
      const mode = comment.public === undefined ? old.mode : comment.public ? 'reply' : 'note'
      const html = comment.html_body ? old[mode].html + comment.html_body : old[mode].html
      return { ...old, mode, [mode]: { ...old[mode], html } }
    })
    if (applied.changes.length > 0) setStaged((old) => [...old, { macro, applied }])
    setFocusWish((n) => n + 1)
  }

  if (ticket.status === 'closed') return null
  const wished = staged.findLast(({ applied }) => applied.ticket.status)?.applied.ticket.status as TicketStatus | undefined
  const next = (wished ?? (ticket.status === 'new' ? 'open' : ticket.status)) as Exclude<TicketStatus, 'deleted'> // which has no page
  return (
    <section className={mergeClasses(styles.composer, note && styles.note)} aria-label={t('composer.label')}>
      <ProblemBar error={error} onDismiss={dismiss} />
      {conflict && (
        <Suspense>
          <ConflictDialog
            {...conflict}
            busy={busy}
            onSend={(change) => void send(change, conflict.now)}
            onTheirs={() => {
              setStaged([]) // the text stays in the draft
              dismiss()
            }}
            onClose={dismiss}
          />
        </Suspense>
      )}
      <DraftBars rival={rival} trouble={trouble} keeper={keeper} />
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
        <Button size="small" appearance="subtle" className={styles.last} icon={<MacroIcon />} onClick={() => setChoosing(true)}>
          {t('macro.button')}
        </Button>
      </div>
      {staged.map(({ macro, applied }, i) => (
        <div key={i} className={styles.staged} role="status">
          <div>
            <Text size={200}>{t('macro.staged', { title: macro.title })}</Text>
            <Suspense>
              <AppliedList applied={{ ...applied, comment: { body: '', html_body: '' } }} />
            </Suspense>
          </div>
          <Button
            size="small"
            appearance="transparent"
            icon={<CloseIcon />}
            aria-label={t('macro.drop', { title: macro.title })}
            onClick={() => setStaged((old) => old.filter((_, n) => n !== i))}
          />
        </div>
      ))}
      {choosing && (
        <Suspense>
          <MacroPicker ticket={ticket.id} onApply={takeMacro} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
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
            onChange={(emails) => keeper.change((old) => ({ ...old, ccs: emails }))}
          />
        </div>
      )}
      {loading ? (
        <Loading rows={1} height={48} />
      ) : (
        <WritingArea
          draft={draft}
          edition={edition}
          pictures={pictures}
          busy={busy}
          focusWish={focusWish}
          label={note ? t('composer.note_label') : t('composer.reply_label')}
          onText={(update) => keeper.change((old) => ({ ...old, [draft.mode]: update(old[draft.mode]) }))}
          onSubmit={() => void submit(next)}
          onSlash={() => setChoosing(true)}
        >
          {(waits) => <SubmitButton status={next} disabled={waits} onSubmit={(status) => void submit(status)} />}
        </WritingArea>
      )}
    </section>
  )
}

/** Submits what the draft says, once, however often it is asked. */
function useSubmit(
  ticket: Ticket,
  ccs: string[],
  keeper: DraftKeeper,
  staged: { applied: AppliedMacro }[],
  onSent: () => void,
) {
  const undoSeconds = useSession().data?.undo_seconds ?? 0
  const { change } = useDesk()
  const queries = useQueryClient()
  const announce = useOutgoing()
  const underWay = useRef(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [conflict, setConflict] = useState<Conflict>()

  /** What the draft and the macros ask for; undefined while the writer has to choose between two drafts. */
  const wish = async (status: TicketStatus): Promise<TicketChange | undefined> => {
    await keeper.flush()
    const { draft, rival } = keeper.current()
    if (rival) return undefined
    const note = draft.mode === 'note'
    const text = draft[draft.mode]
    return {
      ...Object.assign({}, ...staged.map(({ applied }) => changeOf(applied))),
      status,
      ...(!note && draft.ccs && { email_ccs: draft.ccs.map((email) => ({ user_email: email })) }),
      comment: hasContent(text) ? { html_body: text.html, public: !note, uploads: tokensOf(text) } : undefined,
    }
  }

  /**
   * Refused when somebody else was quicker. Where they changed fields, both changes are shown;
   * what they wrote is in the conversation, to be read before the writer submits again.
   */
  const say = async (wanted: TicketChange, seen: Ticket) => {
    const { mode } = keeper.current().draft
    const { comment } = await change(ticket.id, { ...wanted, safe_update: true, updated_stamp: seen.updated_stamp }).catch(
      (thrown) => {
        const now = queries.getQueryData<TicketShown>(['ticket', ticket.id])?.ticket
        const refused = thrown instanceof Problem && thrown.code === 'ticket_changed'
        if (refused && now && conflictRows(seen, wanted, now).some((row) => 'theirs' in row))
          setConflict({ error: thrown, seen, wanted, now })
        throw thrown
      },
    )
    setConflict(undefined)
    if (comment?.delivery?.state === 'waiting') {
      announce({ comment, ccs, status: ticket.status, until: Date.now() + undoSeconds * 1000 })
    }
    onSent()
    await keeper.sent(mode)
  }

  const once = async (act: () => Promise<void>) => {
    if (underWay.current) return
    underWay.current = true
    setBusy(true)
    setError(undefined)
    try {
      await act()
    } catch (thrown) {
      setError(thrown)
    } finally {
      underWay.current = false
      setBusy(false)
    }
  }
  return {
    busy,
    error: conflict ? undefined : error,
    conflict,
    submit: (status: TicketStatus) =>
      once(async () => {
        const wanted = await wish(status)
        if (wanted) await say(wanted, ticket)
      }),
    /** Sends a change after all that was made for an older state of the ticket. */
    send: (wanted: TicketChange, seen: Ticket) => once(() => say(wanted, seen)),
    dismiss: () => {
      setError(undefined)
      setConflict(undefined)
    },
  }
}
