import { makeStyles, mergeClasses, Title3, tokens } from '@fluentui/react-components'
import { useEffect, type ReactNode } from 'react'
import { Link as RouterLink } from 'react-router'
import { BackIcon } from './icons'
import { narrow } from './layout'

const useStyles = makeStyles({
  page: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    padding: `${tokens.spacingVerticalXL} ${tokens.spacingHorizontalXXL}`,
    maxWidth: '1200px',
    width: '100%',
    boxSizing: 'border-box',
    [narrow]: { padding: tokens.spacingHorizontalL },
  },
  slim: { maxWidth: '760px' },
  head: {
    display: 'flex',
    alignItems: 'flex-start',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalS,
  },
  titles: { flex: '1 1 280px', minWidth: 0, overflowWrap: 'anywhere' },
  title: { margin: 0, display: 'block' },
  lead: { color: tokens.colorNeutralForeground2, marginTop: tokens.spacingVerticalXS, maxWidth: '680px' },
  back: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** Names the page in the browser's tab. */
export function usePageTitle(title: string) {
  useEffect(() => {
    document.title = title ? `${title} · Tandem` : 'Tandem'
  }, [title])
}

/** A page of the admin centre: title, a sentence on what it is for, actions, content. */
export function Page({
  title,
  heading,
  lead,
  back,
  actions,
  slim,
  children,
}: {
  title: string
  heading?: ReactNode
  lead?: ReactNode
  back?: { to: string; label: string }
  actions?: ReactNode
  slim?: boolean
  children: ReactNode
}) {
  const styles = useStyles()
  usePageTitle(title)
  return (
    <div className={mergeClasses(styles.page, slim && styles.slim)}>
      {back && (
        <RouterLink to={back.to} className={styles.back}>
          <BackIcon /> {back.label}
        </RouterLink>
      )}
      <header className={styles.head}>
        <div className={styles.titles}>
          <Title3 as="h1" className={styles.title}>
            {heading ?? title}
          </Title3>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
