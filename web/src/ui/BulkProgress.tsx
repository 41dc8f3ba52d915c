import { Button, Field, makeStyles, ProgressBar, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelBulk } from '../api/bulk'
import type { JobStatus } from '../api/types'
import { useNotify } from './notify'

const useStyles = makeStyles({
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalM },
  bar: { minWidth: '160px' },
})

/** How far bulk work is, and a way to stop it. It is tickets that are changed unless `what` says otherwise. */
export function BulkProgress({ job, what }: { job: JobStatus; what?: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const [stopping, setStopping] = useState(false)

  const stop = () => {
    setStopping(true)
    cancelBulk(job.id).catch(notify.failed)
  }

  return (
    <div className={styles.row}>
      <Field
        className={styles.bar}
        validationMessage={t('bulk.progress', { done: job.progress, total: job.total })}
        validationState="none"
      >
        <ProgressBar value={job.progress} max={job.total} aria-label={what ?? t('bulk.working')} />
      </Field>
      <Button size="small" disabled={stopping} onClick={stop}>
        {t('bulk.stop')}
      </Button>
    </div>
  )
}
