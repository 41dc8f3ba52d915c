import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { BellIcon } from '../ui/icons'
import { useNews } from './news'

const NewsMenu = lazy(() => import('./NewsMenu').then((m) => ({ default: m.NewsMenu })))

const useStyles = makeStyles({
  bell: { position: 'relative', minWidth: '32px', paddingInline: tokens.spacingHorizontalXS },
  count: {
    position: 'absolute',
    top: '2px',
    right: '0',
    minWidth: '16px',
    height: '16px',
    boxSizing: 'border-box',
    paddingInline: '4px',
    borderRadius: '8px',
    backgroundColor: tokens.colorStatusDangerBackground3,
    color: tokens.colorNeutralForegroundOnBrand,
    fontSize: '10px',
    lineHeight: '16px',
    textAlign: 'center',
  },
})

/** What happened to one's own tickets; the list is loaded when the bell is first pressed. */
export function Bell() {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const [wanted, setWanted] = useState(false)
  const { news, isNew, unread, readAll } = useNews()
  const bell = {
    appearance: 'subtle',
    className: styles.bell,
    icon: <BellIcon />,
    'aria-label': t('news.bell', { count: unread }),
    children: unread > 0 && (
      <span className={styles.count} aria-hidden>
        {unread > 9 ? '9+' : unread.toLocaleString(i18n.language)}
      </span>
    ),
  } as const
  const button = <Button {...bell} aria-haspopup="menu" onClick={() => setWanted(true)} />
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <NewsMenu bell={bell} news={news} isNew={isNew} unread={unread} onReadAll={readAll} />
    </Suspense>
  )
}
