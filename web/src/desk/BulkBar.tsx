import { Button, makeStyles, Select, Text, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../api/bulk'
import type { JobStatus, Macro, Ticket, TicketChange, TicketStatus } from '../api/types'
import { AgentPicker } from '../directory/AgentPicker'
import { BulkProgress } from '../ui/BulkProgress'
import { CloseIcon, MacroIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { formerValues } from './bulk'
import { BulkEnd } from './life/BulkEnd'
import { applyMacro, changeOf } from './macro/queries'
import { useDesk } from './queries'
import { useGroups } from './trigger/queries'

const MacroPicker = lazy(() => import('./macro/MacroPicker').then((m) => ({ default: m.MacroPicker })))

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorNeutralForeground1,
  },
  agent: { width: '180px' },
})

const statuses: TicketStatus[] = ['open', 'pending', 'hold', 'solved']

/** What can be done to all chosen tickets at once; each can be undone. */
export function BulkBar({ tickets, onDone }: { tickets: Ticket[]; onDone: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { data: groups = [] } = useGroups()
  const { change, changeMany } = useDesk()
  const [choosing, setChoosing] = useState(false)
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const [job, setJob] = useState<JobStatus>()

  const apply = async (change: TicketChange) => {
    setBusy(true)
    try {
      const done = await changeMany(
        tickets.map((ticket) => ticket.id),
        change,
        setJob,
      )
      const refused = new Set(done.results?.map((one) => one.index))
      // What was cancelled ended at its progress: the tickets behind that are as they were.
      const changed = tickets.slice(0, done.progress).filter((_, index) => !refused.has(index))
      if (changed.length > 0)
        notify.done(t('bulk.done', { count: changed.length }), () => void restore(changed, change))
      if (done.results?.[0]) notify.failed(refusal(done.results[0]))
      onDone()
    } catch (thrown) {
      notify.failed(thrown)
    } finally {
      setBusy(false)
      setJob(undefined)
    }
  }

  const restore = async (changed: Ticket[], change: TicketChange) => {
    try {
      for (const [before, ids] of formerValues(changed, change)) await changeMany(ids, before)
      notify.done(t('bulk.undone', { count: changed.length }))
    } catch (thrown) {
      notify.failed(thrown)
    }
  }

  /** Applies a macro to each ticket by itself, as it is filled in for that one. */
  const applyToAll = async (macro: Macro) => {
    setBusy(true)
    let done = 0
    let refused: unknown
    for (const ticket of tickets) {
      try {
        const applied = await applyMacro(macro.id, ticket.id)
        const { html_body: html, public: isPublic } = applied.comment
        const comment = html ? { html_body: html, public: isPublic ?? true } : undefined
        await change(ticket.id, { ...changeOf(applied), comment })
        done++
      } catch (thrown) {
        refused = thrown
      }
    }
    setBusy(false)
    if (done > 0) notify.done(t('bulk.done', { count: done }))
    if (refused) notify.failed(refused)
    onDone()
  }

  return (
    <div className={styles.bar} role="toolbar" aria-label={t('bulk.label')}>
      <Text weight="semibold">{t('bulk.chosen', { count: tickets.length })}</Text>
      <Select
        size="small"
        aria-label={t('bulk.status')}
        value=""
        disabled={busy}
        onChange={(_, data) => void apply({ status: data.value as TicketStatus })}
      >
        <option value="" disabled>
          {t('bulk.status')}
        </option>
        {statuses.map((status) => (
          <option key={status} value={status}>
            {t(`status.${status}`)}
          </option>
        ))}
      </Select>
      <AgentPicker
        size="small"
        className={styles.agent}
        label={t('bulk.assignee')}
        placeholder={t('bulk.assignee')}
        choices={[{ value: 'none', name: t('ticket.unassigned') }]}
        disabled={busy}
        onChosen={(value) => void apply({ assignee_id: value === 'none' ? null : Number(value) })}
      />
      {groups.length > 0 && (
        <Select
          size="small"
          aria-label={t('bulk.team')}
          value=""
          disabled={busy}
          onChange={(_, data) => void apply({ group_id: Number(data.value) })}
        >
          <option value="" disabled>
            {t('bulk.team')}
          </option>
          {groups.map((group) => (
            <option key={group.id} value={group.id}>
              {group.name}
            </option>
          ))}
        </Select>
      )}
      <Button size="small" icon={<MacroIcon />} disabled={busy} onClick={() => setChoosing(true)}>
        {t('macro.apply')}
      </Button>
      <BulkEnd tickets={tickets} disabled={busy} onDone={onDone} />
      {choosing && tickets[0] && (
        <Suspense>
          <MacroPicker
            ticket={tickets[0].id}
            hint={t('macro.bulk_hint', { count: tickets.length, id: tickets[0].id })}
            onApply={(macro) => void applyToAll(macro)}
            onClose={() => setChoosing(false)}
          />
        </Suspense>
      )}
      {job ? (
        <BulkProgress job={job} />
      ) : (
        <Button size="small" appearance="subtle" icon={<CloseIcon />} onClick={onDone}>
          {t('bulk.clear')}
        </Button>
      )}
    </div>
  )
}
