import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Address, Change } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { useForwarding, useRoutes } from './forwardingQueries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
  dim: { color: tokens.colorNeutralForeground3 },
})

type Route = 'exchange' | 'forwarding'

/** The way by which mail of the address comes, and the guided change to the other one. */
export function RouteChange({ address }: { address: Address }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('route.title')}</Subtitle2>
      {address.change ? <UnderWay address={address} change={address.change} /> : <Offer address={address} />}
    </Card>
  )
}

/** What the other route would be, and what changing to it means. */
function Offer({ address }: { address: Address }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { data: settings } = useForwarding()
  const { changeToExchange, changeToForwarding } = useRoutes()
  const [asking, setAsking] = useState(false)
  const to: Route = address.connection?.kind === 'forwarding' ? 'exchange' : 'forwarding'
  const possible = to === 'exchange' || settings?.enabled
  return (
    <>
      <Text>{t(to === 'exchange' ? 'route.is_forwarding' : 'route.is_exchange')}</Text>
      {!possible && <Text className={styles.dim}>{t('forwarding.off')}</Text>}
      <div className={styles.buttons}>
        <Button disabled={!possible} onClick={() => setAsking(true)}>
          {t(`route.change_to.${to}`)}
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title={t(`route.change_to.${to}`)}
          confirm={t(to === 'exchange' ? 'wizard.sign_in' : 'route.begin')}
          onConfirm={async () => {
            if (to === 'exchange') return changeToExchange(address.id)
            await changeToForwarding(address.id)
            notify.done(t('route.begun'))
          }}
          onClose={() => setAsking(false)}
        >
          <ol className={styles.list}>
            <li>{t(`route.will.first_${to}`)}</li>
            <li>{t('route.will.both')}</li>
            <li>{t('route.will.finish')}</li>
            <li>{t('route.will.stays')}</li>
          </ol>
        </ConfirmDialog>
      )}
    </>
  )
}

/** How far the change has come, and its end. */
function UnderWay({ address, change }: { address: Address; change: Change }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { finishChange, cancelChange } = useRoutes()
  const [asking, setAsking] = useState<'finish' | 'cancel'>()
  const to: Route = change.to
  return (
    <>
      <Text>{t(`route.changing_to.${to}`)}</Text>
      <StatusMark tone={change.ready ? 'ok' : 'busy'}>
        {t(change.ready ? `route.ready.${to}` : `route.waiting.${to}`)}
      </StatusMark>
      <Text size={200} className={styles.dim}>
        {t('route.will.both')}
      </Text>
      <div className={styles.buttons}>
        <Button appearance="primary" disabled={!change.ready} onClick={() => setAsking('finish')}>
          {t('route.finish')}
        </Button>
        <Button onClick={() => setAsking('cancel')}>{t('route.cancel')}</Button>
      </div>
      {asking === 'finish' && (
        <ConfirmDialog
          title={t('route.finish')}
          confirm={t('route.finish')}
          onConfirm={async () => {
            await finishChange(address.id)
            notify.done(t('route.finished'))
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t(`route.switch_off.${to}`)}</Text>
          <Text block>{t('route.will.stays')}</Text>
        </ConfirmDialog>
      )}
      {asking === 'cancel' && (
        <ConfirmDialog
          title={t('route.cancel')}
          confirm={t('route.cancel')}
          onConfirm={async () => {
            await cancelChange(address.id)
            notify.done(t('route.cancelled'))
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('route.cancel_what')}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}
