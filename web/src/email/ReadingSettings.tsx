import { Button, Card, makeStyles, MessageBar, MessageBarBody, Subtitle2, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Connection } from '../api/types'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { useEmail } from './queries'
import { ReadingFields, type Reading } from './ReadingFields'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** Which folders are read, and what becomes of a mail that was taken in. */
export function ReadingSettings({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { changeReading } = useEmail()
  const notify = useNotify()
  const { folder, folder_name, subfolders, afterwards } = connection
  const stored: Reading = { folder, folder_name, subfolders, afterwards }
  const [wanted, setWanted] = useState(stored)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const otherFolder = wanted.folder !== folder
  const moreFolders = wanted.subfolders && !subfolders
  const unchanged = !otherFolder && wanted.subfolders === subfolders && wanted.afterwards === afterwards

  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await changeReading(connection.id, wanted)
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        <Subtitle2 as="h2">{t('reading.title')}</Subtitle2>
        <ProblemBar error={error} />
        <ReadingFields source={{ connection: connection.id }} reading={wanted} onChange={setWanted} />
        {(otherFolder || moreFolders) && (
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>{t(otherFolder ? 'reading.other_folder' : 'reading.more_folders')}</MessageBarBody>
          </MessageBar>
        )}
        <Button type="submit" appearance="primary" className={styles.button} disabled={unchanged || busy}>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}
