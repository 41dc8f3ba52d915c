import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Connection } from '../api/types'
import { useNotify } from '../ui/notify'
import { useProblemWords } from '../ui/problems'
import { Time } from '../ui/Time'
import { useEmail } from './queries'

/** Errors that end when somebody signs in to the mailbox again. */
const mendedBySignIn = new Set([
  'account_disabled',
  'account_locked',
  'admin_consent_needed',
  'conditional_access',
  'consent_needed',
  'credentials_rejected',
  'grant_revoked',
  'mfa_required',
  'password_expired',
  'permission_missing',
  'refresh_expired',
  'sign_in_failed',
  'sign_in_refused',
  'sign_in_required',
])

/** What is wrong with a connection, whose side it is on, and the button that helps. */
export function ConnectionTrouble({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const notify = useNotify()
  const { reconnect, sync } = useEmail()
  const [busy, setBusy] = useState(false)
  const act = (work: (connection: number) => Promise<unknown>) => {
    setBusy(true)
    work(connection.id)
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }
  const signInButton = (
    <Button size="small" appearance="primary" disabled={busy} onClick={() => act((id) => reconnect(id))}>
      {t(connection.kind === 'exchange' ? 'connection.reconnect' : 'connection.connect_again')}
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
      <MessageBarActions>
        {connection.kind === 'exchange' && mendedBySignIn.has(connection.error.code) ? (
          signInButton
        ) : (
          <Button size="small" disabled={busy} onClick={() => act(sync)}>
            {t('action.try_now')}
          </Button>
        )}
      </MessageBarActions>
    </MessageBar>
  )
}
