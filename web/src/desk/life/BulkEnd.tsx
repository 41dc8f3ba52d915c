import {
  Button,
  Field,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Radio,
  RadioGroup,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { refusal } from '../../api/bulk'
import type { JobStatus, Ticket } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { DeleteIcon, MergeIcon, MoreIcon, SpamIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { useTicketLife } from './queries'

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
})

/** What ends the chosen tickets: merging them into one, marking them as spam, deleting them. */
export function BulkEnd({ tickets, disabled, onDone }: { tickets: Ticket[]; disabled: boolean; onDone: () => void }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const { removeMany, restoreMany, markManyAsSpam, noSpam } = useTicketLife()
  const [asks, setAsks] = useState<'merge' | 'spam'>()
  const ids = tickets.map(({ id }) => id)
  const open = tickets.filter(({ status }) => status !== 'closed')

  /** Tells what was done and what was refused, and offers to undo what was done. */
  const tell = (done: JobStatus, sentence: (count: number) => string, undo: (changed: Ticket[]) => Promise<unknown>) => {
    const refused = new Set(done.results?.map(({ index }) => index))
    const changed = tickets.slice(0, done.progress).filter((_, index) => !refused.has(index))
    if (changed.length > 0) notify.done(sentence(changed.length), () => void undo(changed).catch(notify.failed))
    if (done.results?.[0]) notify.failed(refusal(done.results[0]))
    onDone()
  }
  const erase = async () => {
    try {
      tell(
        await removeMany(ids),
        (count) => t('bulk.deleted', { count }),
        (changed) => restoreMany(changed.map(({ id }) => id)),
      )
    } catch (thrown) {
      notify.failed(thrown)
    }
  }
  const condemn = async () =>
    tell(
      await markManyAsSpam(ids),
      (count) => t('bulk.spam_done', { count }),
      (changed) =>
        noSpam(
          changed.map(({ id }) => id),
          changed.map(({ requester_id }) => requester_id),
        ),
    )

  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" icon={<MoreIcon />} disabled={disabled}>
            {t('bulk.more')}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem icon={<MergeIcon />} disabled={open.length < 2} onClick={() => setAsks('merge')}>
              {t('bulk.merge')}
            </MenuItem>
            <MenuItem icon={<SpamIcon />} onClick={() => setAsks('spam')}>
              {t('life.spam')}
            </MenuItem>
            <MenuItem icon={<DeleteIcon />} onClick={() => void erase()}>
              {t('life.delete')}
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {asks === 'merge' && <MergeMany tickets={open} onDone={onDone} onClose={() => setAsks(undefined)} />}
      {asks === 'spam' && (
        <ConfirmDialog
          title={t('bulk.spam_title', { count: tickets.length })}
          confirm={t('life.spam_confirm')}
          onConfirm={condemn}
          onClose={() => setAsks(undefined)}
        >
          <Text>{t('bulk.spam_what', { count: new Set(tickets.map((one) => one.requester_id)).size })}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}

/** Merges the chosen tickets into one of them: the oldest, unless another is chosen. */
function MergeMany({ tickets, onDone, onClose }: { tickets: Ticket[]; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { merge } = useTicketLife()
  const [target, setTarget] = useState(Math.min(...tickets.map(({ id }) => id)))
  const sources = tickets.map(({ id }) => id).filter((id) => id !== target)
  const requesters = new Set(tickets.map((one) => one.requester_id)).size

  const act = async () => {
    await merge(target, sources, {
      source_comment: t('bulk.merge_source_comment', { target }),
      target_comment: t('bulk.merge_target_comment', { sources: sources.map((id) => `#${id}`).join(', ') }),
      source_comment_is_public: false,
      target_comment_is_public: false,
    })
    onDone()
    notify.done(t('bulk.merged', { count: sources.length, target }))
    void navigate(`/tickets/${target}`)
  }
  return (
    <ConfirmDialog
      title={t('bulk.merge_title', { count: tickets.length })}
      confirm={t('merge.confirm')}
      onConfirm={act}
      onClose={onClose}
    >
      <div className={styles.content}>
        <Field label={t('bulk.merge_target')}>
          <RadioGroup value={String(target)} onChange={(_, { value }) => setTarget(Number(value))}>
            {tickets.map((one) => (
              <Radio
                key={one.id}
                value={String(one.id)}
                label={`#${one.id} ${one.subject || t('ticket.no_subject')} (${t(`status.${one.status}`)})`}
              />
            ))}
          </RadioGroup>
        </Field>
        <Text>{t('bulk.merge_what')}</Text>
        {requesters > 1 && <Text>{t('bulk.merge_copies')}</Text>}
      </div>
    </ConfirmDialog>
  )
}
