import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, Outlet, useLocation } from 'react-router'
import {
  AddressIcon,
  AttachIcon,
  AuditIcon,
  BrandIcon,
  HomeIcon,
  JobIcon,
  PeopleIcon,
  RouteIcon,
  RulesIcon,
  SuspendedIcon,
  TenantIcon,
  TokenIcon,
  TriggerIcon,
} from '../ui/icons'
import { narrow } from '../ui/layout'
import { Loading } from '../ui/states'

const places = [
  { to: '/admin', id: 'home', icon: HomeIcon },
  { to: '/admin/email', id: 'email', icon: AddressIcon },
  { to: '/admin/tenants', id: 'tenants', icon: TenantIcon },
  { to: '/admin/mail', id: 'mail', icon: RouteIcon },
  { to: '/admin/suspended', id: 'suspended', icon: SuspendedIcon },
  { to: '/admin/rules', id: 'rules', icon: RulesIcon },
  { to: '/admin/jobs', id: 'jobs', icon: JobIcon },
  { to: '/admin/people', id: 'people', icon: PeopleIcon },
  { to: '/admin/brands', id: 'brands', icon: BrandIcon },
  { to: '/admin/triggers', id: 'triggers', icon: TriggerIcon },
  { to: '/admin/attachments', id: 'attachments', icon: AttachIcon },
  { to: '/admin/tokens', id: 'tokens', icon: TokenIcon },
  { to: '/admin/audit', id: 'audit', icon: AuditIcon },
] as const

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateColumns: '208px minmax(0, 1fr)',
    minHeight: '100%',
    [narrow]: { display: 'block' },
  },
  nav: {
    display: 'flex',
    flexDirection: 'column',
    gap: '2px',
    padding: tokens.spacingHorizontalS,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: {
      flexDirection: 'row',
      overflowX: 'auto',
      borderRightWidth: 0,
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
  },
  place: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    [narrow]: { whiteSpace: 'nowrap' },
    '& > svg': { flexShrink: 0 },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground2Hover },
  },
  here: {
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    color: tokens.colorNeutralForeground1Selected,
    fontWeight: tokens.fontWeightSemibold,
  },
})

/** The admin centre's own navigation beside its pages. */
export function AdminFrame() {
  const { t } = useTranslation()
  const styles = useStyles()
  const nav = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  useEffect(() => {
    // On a narrow screen the places scroll sideways.
    nav.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [pathname])
  return (
    <div className={styles.frame}>
      <nav ref={nav} className={styles.nav} aria-label={t('shell.admin')}>
        {places.map(({ to, id, icon: Icon }) => (
          <NavLink
            key={to}
            to={to}
            end={to === '/admin'}
            className={({ isActive }) => mergeClasses(styles.place, isActive && styles.here)}
          >
            <Icon />
            <span>{t(`admin.${id}`)}</span>
          </NavLink>
        ))}
      </nav>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </div>
  )
}
