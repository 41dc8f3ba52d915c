import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem'
import type { Comment, SetAside } from '../api/types'
import { fileSize } from '../i18n/format'
import { FetchIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { useProblemWords } from '../ui/problems'
import { useFiles } from './files'

/** The mail was too large: its files are at Microsoft, and one button fetches them. */
export function SetAsideBar({ comment, aside }: { comment: Comment; aside: SetAside }) {
  const { t, i18n } = useTranslation()
  const words = useProblemWords()
  const { fetchSetAside } = useFiles()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  if (aside.state === 'fetched') return null
  const trouble = aside.error_code
    ? words(new Problem({ code: aside.error_code, message: aside.message, remedy: aside.remedy }))
    : undefined
  const fetchNow = () => {
    setBusy(true)
    fetchSetAside(aside.mail_id, comment.ticket_id)
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }
  return (
    <MessageBar intent={aside.state === 'gone' ? 'error' : 'warning'} layout="multiline" icon={<FetchIcon />}>
      <MessageBarBody>
        <MessageBarTitle>{t('set_aside.title', { size: fileSize(aside.size, i18n.language) })}</MessageBarTitle>{' '}
        {t(`set_aside.${aside.state}`, { count: comment.attachments.length })} {trouble?.message} {trouble?.remedy}{' '}
        {trouble && <Text size={200}>{aside.error_code}</Text>}
      </MessageBarBody>
      {aside.state !== 'fetching' && (
        <MessageBarActions>
          <Button size="small" appearance="primary" disabled={busy} onClick={fetchNow}>
            {t(aside.state === 'at_microsoft' ? 'set_aside.fetch' : 'action.try_again')}
          </Button>
        </MessageBarActions>
      )}
    </MessageBar>
  )
}
