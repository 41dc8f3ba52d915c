import { Button, Link, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '../session/queries'
import { CloseIcon } from '../ui/icons'

const dismissed = 'tandem.demo.dismissed'

const useStyles = makeStyles({
  line: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    gap: tokens.spacingHorizontalS,
    paddingInline: tokens.spacingHorizontalL,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
  },
})

/** In the demo, one line that leads to the simulated Microsoft 365. */
export function DemoLine() {
  const { t } = useTranslation()
  const styles = useStyles()
  const { data: session } = useSession()
  const [hidden, setHidden] = useState(() => sessionStorage.getItem(dismissed) !== null)
  if (!session?.demo || !session.simulator_url || hidden) return null
  const dismiss = () => {
    sessionStorage.setItem(dismissed, 'yes')
    setHidden(true)
  }
  return (
    <div className={styles.line}>
      <span>{t('demo.line')}</span>
      <Link href={session.simulator_url} target="_blank" rel="noreferrer">
        {t('demo.send')}
      </Link>
      <Button
        size="small"
        appearance="transparent"
        icon={<CloseIcon />}
        aria-label={t('action.close')}
        onClick={dismiss}
      />
    </div>
  )
}
