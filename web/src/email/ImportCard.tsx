import { Button, Card, Field, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Connection } from '../api/types'
import { duration } from '../i18n/format'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { Time, useNow } from '../ui/Time'
import { useEmail } from './queries'
import { timeLeft } from './timeLeft'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalL, flexWrap: 'wrap' },
  grow: { flexGrow: 1, minWidth: '200px' },
})

/** The import of earlier mails: how far it is, how long it takes, and the way to stop it. */
export function ImportCard({ connection }: { connection: Connection }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { cancelImport, startImport } = useEmail()
  const notify = useNotify()
  const now = useNow()
  const [busy, setBusy] = useState(false)
  const act = (work: (connection: number) => Promise<void>) => {
    setBusy(true)
    work(connection.id)
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }
  const run = connection.import!
  if (run.state === 'running') {
    const left = timeLeft(run, now)
    return (
      <Card className={styles.card}>
        <div className={styles.row}>
          <Field
            className={styles.grow}
            label={t('import.running')}
            validationState="none"
            validationMessage={
              t('import.progress', { done: run.done, total: run.total }) +
              (left === null ? '' : ` · ${t('import.left', { time: duration(left, i18n.language) })}`)
            }
          >
            <ProgressBar value={run.total > 0 ? run.done / run.total : undefined} />
          </Field>
          <Button disabled={busy} onClick={() => act(cancelImport)}>
            {t('import.cancel')}
          </Button>
        </div>
      </Card>
    )
  }
  return (
    <Card className={styles.card}>
      <div className={styles.row}>
        <div className={styles.grow}>
          <StatusMark tone={run.state === 'completed' ? 'ok' : run.state === 'failed' ? 'error' : 'neutral'}>
            {t(`import.${run.state}`, { done: run.done, total: run.total })} · <Time at={run.finished_at} />
          </StatusMark>
          {run.error && (
            <Text size={200} block>
              {run.error}
            </Text>
          )}
        </div>
        {run.state !== 'completed' && connection.status !== 'disconnected' && (
          <Button disabled={busy} onClick={() => act(startImport)}>
            {t('action.try_again')}
          </Button>
        )}
      </div>
    </Card>
  )
}
