import { Button, Checkbox, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem'
import type { SuspendedMail } from '../api/types'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { CloseIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { useSuspendedActions } from './suspendedQueries'

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
  progress: { width: '160px' },
})

/** What can be done to all chosen mails at once. */
export function SuspendedBulkBar({ mails, onDone }: { mails: SuspendedMail[]; onDone: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const notify = useNotify()
  const { recoverMany, deleteMany } = useSuspendedActions()
  const [asking, setAsking] = useState<'recover' | 'delete'>()
  const [progress, setProgress] = useState<number>()
  const [trust, setTrust] = useState(true)
  const ids = mails.map((mail) => mail.id)
  const teaches = mails.filter((mail) => mail.teaches).length

  const recover = async () => {
    setProgress(0)
    try {
      const { recovered, failed } = await recoverMany(ids, trust, setProgress)
      if (recovered > 0) notify.done(t('suspended.recovered', { count: recovered }))
      if (failed[0]) notify.failed(new Problem(failed[0]))
      onDone()
    } finally {
      setProgress(undefined)
    }
  }
  const remove = async () => {
    setProgress(0)
    try {
      await deleteMany(ids, setProgress)
      notify.done(t('suspended.deleted', { count: ids.length }))
      onDone()
    } finally {
      setProgress(undefined)
    }
  }

  return (
    <div className={styles.bar} role="toolbar" aria-label={t('suspended.bulk')}>
      <Text weight="semibold">{t('bulk.chosen', { count: ids.length })}</Text>
      <Button size="small" appearance="primary" onClick={() => setAsking('recover')}>
        {t('suspended.recover')}
      </Button>
      {me.role === 'admin' && (
        <Button size="small" onClick={() => setAsking('delete')}>
          {t('action.delete')}
        </Button>
      )}
      <Button size="small" appearance="subtle" icon={<CloseIcon />} onClick={onDone}>
        {t('bulk.clear')}
      </Button>
      {progress !== undefined && (
        <ProgressBar
          className={styles.progress}
          aria-label={t('suspended.progress', { done: progress, total: ids.length })}
          value={progress}
          max={ids.length}
        />
      )}
      {asking === 'recover' && (
        <ConfirmDialog
          title={t('suspended.recover_title', { count: ids.length })}
          confirm={t('suspended.recover')}
          onConfirm={recover}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('suspended.recover_what')}</Text>
          {teaches > 0 && (
            <Checkbox
              checked={trust}
              onChange={(_, data) => setTrust(data.checked === true)}
              label={t('suspended.trust_many', { count: teaches })}
            />
          )}
        </ConfirmDialog>
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('suspended.delete_title', { count: ids.length })}
          confirm={t('action.delete')}
          onConfirm={remove}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('suspended.delete_what')}</Text>
        </ConfirmDialog>
      )}
    </div>
  )
}
