import { Button, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiURL } from '../api/client'
import type { SuspendedMail } from '../api/types'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { Drawer } from '../ui/Drawer'
import { Facts } from '../ui/Facts'
import { SourceIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Loaded } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { CauseMark } from './CauseMark'
import { isCause } from './causes'
import { Evidence, useKnownWords } from './Evidence'
import { RecoverDialog } from './RecoverDialog'
import { useSuspended, useSuspendedActions } from './suspendedQueries'

const useStyles = makeStyles({
  body: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalXL,
  },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  why: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  text: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', margin: 0, fontFamily: 'inherit' },
})

/** One suspended mail beside the list: why it is here, what it says, and what can be done. */
export function SuspendedDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation()
  const mail = useSuspended(id)
  return (
    <Drawer title={mail.data ? mail.data.subject || t('ticket.no_subject') : t('admin.suspended')} onClose={onClose}>
      <Loaded query={mail}>{(data) => <Content mail={data} onClose={onClose} />}</Loaded>
    </Drawer>
  )
}

function Content({ mail, onClose }: { mail: SuspendedMail; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const notify = useNotify()
  const known = useKnownWords()
  const { deleteMany } = useSuspendedActions()
  const [asking, setAsking] = useState<'recover' | 'delete'>()
  const cause = mail.cause_code
  return (
    <div className={styles.body}>
      <div className={styles.why}>
        <CauseMark cause={cause} />
        {isCause(cause) && <Text>{t(`cause_why.${cause}`)}</Text>}
        {mail.evidence.length > 0 && (
          <Facts facts={mail.evidence.map((fact) => [known('evidence', fact.name), <Evidence fact={fact} />])} />
        )}
      </div>
      <div className={styles.actions}>
        <Button appearance="primary" onClick={() => setAsking('recover')}>
          {t('suspended.recover')}
        </Button>
        {me.role === 'admin' && <Button onClick={() => setAsking('delete')}>{t('action.delete')}</Button>}
        <Button as="a" href={apiURL(`/mail/${mail.id}/source`)} target="_blank" icon={<SourceIcon />}>
          {t('mail.source')}
        </Button>
      </div>
      <Facts
        facts={[
          [t('mail.from'), mail.author.name ? `${mail.author.name} <${mail.author.email}>` : mail.author.email || '–'],
          [t('mail.to'), mail.to.map(({ email }) => email).join(', ') || '–'],
          mail.cc.length > 0 ? [t('mail.cc'), mail.cc.map(({ email }) => email).join(', ')] : null,
          [t('suspended.received'), <Time at={mail.received_at} />],
          [t('suspended.kept_until'), <Time at={mail.deleted_at} />],
        ]}
      />
      <section>
        <Subtitle2 as="h2">{t('mail.text')}</Subtitle2>
        <pre className={styles.text}>{mail.content || t('suspended.no_text')}</pre>
      </section>
      {me.role === 'admin' && <TextLink to={`/admin/mail/${mail.id}`}>{t('mail.in_ledger')}</TextLink>}
      {asking === 'recover' && <RecoverDialog mail={mail} onClose={() => setAsking(undefined)} />}
      {asking === 'delete' && (
        <ConfirmDialog
          title={t('suspended.delete_title', { count: 1 })}
          confirm={t('action.delete')}
          onConfirm={async () => {
            await deleteMany([mail.id], () => {})
            notify.done(t('suspended.deleted', { count: 1 }))
            onClose()
          }}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('suspended.delete_what')}</Text>
        </ConfirmDialog>
      )}
    </div>
  )
}
