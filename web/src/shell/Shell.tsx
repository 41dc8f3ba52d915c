import { Link, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { searchBoxID } from '../search/SearchBar'
import { useMe } from '../session/queries'
import { AdminIcon, ReportIcon, TicketIcon } from '../ui/icons'
import { narrow } from '../ui/layout'
import { Notices } from '../ui/notify'
import { useShortcuts } from '../ui/shortcuts'
import { Loading } from '../ui/states'
import { CrashBarrier } from './CrashBarrier'
import { DemoLine } from './DemoLine'
import { TopBar } from './TopBar'

const ShortcutsDialog = lazy(() => import('./ShortcutsDialog').then((m) => ({ default: m.ShortcutsDialog })))

const useStyles = makeStyles({
  shell: {
    display: 'grid',
    height: '100dvh',
    gridTemplate: '"top top" 48px "demo demo" auto "rail main" minmax(0, 1fr) / 68px minmax(0, 1fr)',
    backgroundColor: tokens.colorNeutralBackground3,
    [narrow]: {
      gridTemplate: '"top" 48px "demo" auto "main" minmax(0, 1fr) "rail" auto / minmax(0, 1fr)',
    },
  },
  skip: {
    position: 'absolute',
    zIndex: 10,
    top: '-60px',
    left: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalS,
    backgroundColor: tokens.colorNeutralBackground1,
    ':focus': { top: tokens.spacingVerticalS },
  },
  demo: { gridArea: 'demo' },
  rail: {
    gridArea: 'rail',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'stretch',
    paddingTop: tokens.spacingVerticalS,
    gap: tokens.spacingVerticalXS,
    [narrow]: {
      flexDirection: 'row',
      justifyContent: 'space-around',
      padding: 0,
      borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
      backgroundColor: tokens.colorNeutralBackground2,
    },
  },
  place: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: '2px',
    padding: `${tokens.spacingVerticalS} 2px`,
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase100,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    textAlign: 'center',
    borderLeft: '3px solid transparent',
    ':hover': { color: tokens.colorBrandForeground1 },
    [narrow]: { flexGrow: 1, borderLeftWidth: 0, borderTop: '3px solid transparent' },
  },
  here: {
    color: tokens.colorBrandForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderLeftColor: tokens.colorCompoundBrandStroke,
    [narrow]: { borderTopColor: tokens.colorCompoundBrandStroke },
  },
  main: {
    gridArea: 'main',
    overflow: 'auto',
    backgroundColor: tokens.colorNeutralBackground1,
    borderTopLeftRadius: tokens.borderRadiusXLarge,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
    outlineStyle: 'none',
    [narrow]: { borderTopLeftRadius: 0, borderLeftWidth: 0 },
  },
})

/** The frame around every page: top bar, rail of places, and the page. */
export function Shell() {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const [showShortcuts, setShowShortcuts] = useState(false)
  useShortcuts({
    '/': () => document.getElementById(searchBoxID)?.focus(),
    '?': () => setShowShortcuts(true),
    n: () => void navigate('/tickets/new'),
  })
  const place = ({ isActive }: { isActive: boolean }) => mergeClasses(styles.place, isActive && styles.here)

  return (
    <div className={styles.shell}>
      <Link href="#main" className={styles.skip}>
        {t('shell.skip')}
      </Link>
      <TopBar onShortcuts={() => setShowShortcuts(true)} />
      <aside className={styles.demo} aria-label={t('demo.line')}>
        <DemoLine />
      </aside>
      <nav className={styles.rail} aria-label={t('shell.places')}>
        <NavLink to="/tickets" className={place}>
          <TicketIcon />
          {t('shell.tickets')}
        </NavLink>
        <NavLink to="/reports" className={place}>
          <ReportIcon />
          {t('shell.reports')}
        </NavLink>
        {me.role === 'admin' && (
          <NavLink to="/admin" className={place}>
            <AdminIcon />
            {t('shell.admin')}
          </NavLink>
        )}
      </nav>
      <main id="main" tabIndex={-1} className={styles.main}>
        <CrashBarrier place={pathname}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </CrashBarrier>
      </main>
      <Notices />
      {showShortcuts && (
        <Suspense>
          <ShortcutsDialog onClose={() => setShowShortcuts(false)} />
        </Suspense>
      )}
    </div>
  )
}
