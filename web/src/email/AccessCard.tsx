import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Connection } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Facts } from '../ui/Facts'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { neededScopes } from './permissions'
import { useEmail } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

/** How the mailbox is opened at Microsoft, how fresh the proof of it is, and the way to the other kind. */
export function AccessCard({ connection }: { connection: Connection }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { reconnect } = useEmail()
  const [asking, setAsking] = useState(false)
  const other = connection.kind === 'exchange' ? 'exchange_app' : 'exchange'
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('access.title')}</Subtitle2>
      <Facts
        facts={[
          [t('address.type'), t(`connection.kind.${connection.kind}`)],
          [t('access.tenant'), connection.microsoft_tenant_id || '–'],
          ...(connection.kind === 'exchange' ? signIn(connection) : []),
        ]}
      />
      {connection.kind === 'exchange_app' && <Text>{t('access.application')}</Text>}
      {connection.status !== 'disconnected' && (
        <Button className={styles.button} onClick={() => setAsking(true)}>
          {t(`access.use.${other}`)}
        </Button>
      )}
      {asking && (
        <ConfirmDialog
          title={t(`access.use_title.${other}`, { address: connection.email })}
          confirm={t(`access.use.${other}`)}
          onConfirm={async () => {
            if (await reconnect(connection.id, other)) notify.done(t('access.changed', { address: connection.email }))
          }}
          onClose={() => setAsking(false)}
        >
          <Text block>{t(`access.use_why.${other}`)}</Text>
          <Text block>{t('access.use_keeps')}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )

  function signIn({ scopes, token_at, status }: Connection): [string, React.ReactNode][] {
    const held = new Set(scopes.map((scope) => scope.toLowerCase()))
    return [
      [
        t('access.token'),
        token_at ? (
          <StatusMark tone={status === 'error' ? 'error' : 'ok'}>
            {t(status === 'error' ? 'access.last_renewed' : 'access.renewed')} <Time at={token_at} />
          </StatusMark>
        ) : (
          <StatusMark tone="neutral">{t('access.no_token')}</StatusMark>
        ),
      ],
      ...neededScopes.map(({ id, scope }): [string, React.ReactNode] => [
        scope,
        <StatusMark tone={held.has(scope.toLowerCase()) ? 'ok' : 'error'}>
          {held.has(scope.toLowerCase()) ? t(`permission.${id}`) : t('access.missing')}
        </StatusMark>,
      ]),
    ]
  }
}
