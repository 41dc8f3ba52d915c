import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Ticket, TicketChange } from '../../api/types'
import { useFields } from '../../directory/fields/queries'
import { usePeopleNamed } from '../../directory/queries'
import { Dialog } from '../../ui/Dialog'
import { narrow } from '../../ui/layout'
import { useProblemWords } from '../../ui/problems'
import { useGroups } from '../trigger/queries'
import { asksFor, clashes, conflictRows, overlaps, withoutOverlap, type ConflictRow } from './conflict'

const useStyles = makeStyles({
  surface: { maxWidth: '720px', width: '100%' },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  table: { width: '100%', borderCollapse: 'collapse', tableLayout: 'fixed' },
  cell: {
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    textAlign: 'start',
    verticalAlign: 'top',
    overflowWrap: 'anywhere',
  },
  both: { backgroundColor: tokens.colorPaletteMarigoldBackground1 },
  changed: { fontWeight: tokens.fontWeightSemibold },
  dim: { color: tokens.colorNeutralForeground3 },
  actions: { flexWrap: 'wrap', [narrow]: { flexDirection: 'column', alignItems: 'stretch' } },
})

/**
 * Somebody else changed the ticket while a change was being made here: shows both
 * field by field, and lets the writer choose. What is written stays in the draft
 * until it has been sent.
 */
export function ConflictDialog({
  error,
  seen,
  wanted,
  now,
  busy,
  onSend,
  onTheirs,
  onClose,
}: {
  error: unknown
  seen: Ticket
  wanted: TicketChange
  now: Ticket
  busy: boolean
  /** Sends the change after all, as a whole or a part of it. */
  onSend: (change: TicketChange) => void
  onTheirs: () => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { message } = useProblemWords()(error)
  const { nameOf, textOf } = useTexts([seen, wanted, now].flatMap(({ assignee_id }) => assignee_id ?? []))
  const rows = conflictRows(seen, wanted, now)
  const clash = clashes(rows)
  const merged = withoutOverlap(wanted, rows)
  const merges = clash && asksFor(merged)
  const says = wanted.comment !== undefined
  const cell = (row: ConflictRow, side: 'mine' | 'theirs') => (
    <td className={mergeClasses(styles.cell, overlaps(row) && styles.both)}>
      {side in row ? (
        <span className={styles.changed}>{textOf(row.field, row[side])}</span>
      ) : (
        <span className={styles.dim}>{t('conflict.unchanged')}</span>
      )}
    </td>
  )
  return (
    <Dialog alert className={styles.surface} onClose={onClose}>
      <DialogBody>
        <DialogTitle>{t('conflict.title', { id: now.id })}</DialogTitle>
        <DialogContent className={styles.content}>
          <Text>{message}</Text>
          {rows.length > 0 && (
            <table className={styles.table}>
              <thead>
                <tr>
                  {(['field', 'before', 'mine', 'theirs'] as const).map((head) => (
                    <th key={head} scope="col" className={styles.cell}>
                      {t(`conflict.${head}`)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.field}>
                    <th scope="row" className={styles.cell}>
                      {nameOf(row.field)}
                    </th>
                    <td className={mergeClasses(styles.cell, styles.dim)}>{textOf(row.field, row.before)}</td>
                    {cell(row, 'mine')}
                    {cell(row, 'theirs')}
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {says && <Text>{t('conflict.text_kept')}</Text>}
          {merges && <Text>{t('conflict.overlap')}</Text>}
        </DialogContent>
        <DialogActions className={styles.actions} fluid>
          <Button disabled={busy} appearance={clash && !merges ? 'primary' : 'secondary'} onClick={onTheirs}>
            {t('conflict.take_theirs')}
          </Button>
          <Button disabled={busy} appearance={clash ? 'secondary' : 'primary'} onClick={() => onSend(wanted)}>
            {clash ? t('conflict.keep_mine') : t('conflict.send')}
          </Button>
          {merges && (
            <Button disabled={busy} appearance="primary" onClick={() => onSend(merged)}>
              {t('conflict.merge')}
            </Button>
          )}
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}

/** The words for fields and their values. */
function useTexts(assignees: number[]) {
  const { t, i18n } = useTranslation()
  const agents = usePeopleNamed(assignees)
  const { data: groups = [] } = useGroups()
  const { data: fields = [] } = useFields('ticket')
  const textOf = (field: ConflictRow['field'], value: unknown): string => {
    if (value === null || value === undefined || value === '') return '–'
    if (Array.isArray(value)) return value.join(', ') || '–'
    switch (field) {
      case 'status':
        return t(`status.${value as Ticket['status']}`)
      case 'priority':
        return t(`priority.${value as 'low'}`)
      case 'type':
        return t(`ticket_type.${value as 'task'}`)
      case 'problem_id':
        return `#${String(value)}`
      case 'due_at':
        return new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' }).format(new Date(String(value)))
      case 'assignee_id':
        return agents.get(Number(value)) ?? `#${String(value)}`
      case 'group_id':
        return groups.find(({ id }) => id === value)?.name ?? `#${String(value)}`
    }
    return String(value)
  }
  const nameOf = (field: ConflictRow['field']) =>
    typeof field === 'number'
      ? (fields.find(({ id }) => id === field)?.title ?? `#${field}`)
      : t(`history.field.${field}`)
  return { nameOf, textOf }
}
