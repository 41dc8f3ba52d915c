import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useMe } from '../session/queries'
import { Drawer } from '../ui/Drawer'
import { Loaded } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Journey } from './Journey'
import { MailActions } from './MailActions'
import { MailState } from './MailState'
import { useMail } from './queries'

const useStyles = makeStyles({
  body: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalXL,
  },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** The journey of one mail beside its ticket. */
export function JourneyDrawer({ mail: id, onClose }: { mail: number; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const mail = useMail(id)
  return (
    <Drawer title={t('journey.label')} onClose={onClose}>
      <Loaded query={mail}>
        {(data) => (
          <div className={styles.body}>
            <div>
              <Text weight="semibold" block>
                {data.subject || t('ticket.no_subject')}
              </Text>
              <MailState state={data.state} />
            </div>
            <div className={styles.actions}>
              <MailActions mail={data} />
            </div>
            <Journey mail={data} />
            {me.role === 'admin' && <TextLink to={`/admin/mail/${data.id}`}>{t('mail.in_ledger')}</TextLink>}
          </div>
        )}
      </Loaded>
    </Drawer>
  )
}
