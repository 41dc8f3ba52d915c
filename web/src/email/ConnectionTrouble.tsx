import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Connection } from '../api/types'
import { useNotify } from '../ui/notify'
import { useProblemWords } from '../ui/problems'
import { Time } from '../ui/Time'
import { useEmail } from './queries'

/** What is wrong with a connection, whose side it is on, and the button that helps. */
export function ConnectionTrouble({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const notify = useNotify()
  const { reconnect } = useEmail()
  const [leaving, setLeaving] = useState(false)
  const signIn = () => {
    setLeaving(true)
    reconnect(connection.id).catch((thrown) => {
      setLeaving(false)
      notify.failed(thrown)
    })
  }
  const signInButton = (
    <Button size="small" appearance="primary" disabled={leaving} onClick={signIn}>
      {t('connection.reconnect')}
    </Button>
  )

  if (connection.status === 'waiting') {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t('connection.waiting_title')}</MessageBarTitle> {t('connection.waiting_why')}{' '}
          {connection.waiting_until && (
            <>
              {t('connection.waiting_until')} <Time at={connection.waiting_until} />
            </>
          )}
        </MessageBarBody>
      </MessageBar>
    )
  }
  if (connection.status === 'disconnected') {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t('connection.disconnected_title')}</MessageBarTitle> {t('connection.disconnected_why')}
        </MessageBarBody>
        <MessageBarActions>{signInButton}</MessageBarActions>
      </MessageBar>
    )
  }
  if (!connection.error) return null
  const { message, remedy, side } = words(problemOf(connection.error))
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{message}</MessageBarTitle> {remedy} {side} <code>{connection.error.code}</code>{' '}
        <Time at={connection.error.at} />
      </MessageBarBody>
      <MessageBarActions>{signInButton}</MessageBarActions>
    </MessageBar>
  )
}
