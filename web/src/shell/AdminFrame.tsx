import { makeStyles, mergeClasses, Select, tokens } from '@fluentui/react-components'
import { Suspense, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import {
  AddressIcon,
  AttachIcon,
  AuditIcon,
  BrandIcon,
  CollapseIcon,
  ExpandIcon,
  FieldsIcon,
  HomeIcon,
  MacroIcon,
  JobIcon,
  OrganizationIcon,
  PeopleIcon,
  RouteIcon,
  RulesIcon,
  SuspendedIcon,
  TeamIcon,
  TenantIcon,
  TicketRulesIcon,
  TokenIcon,
  TriggerIcon,
  ViewIcon,
} from '../ui/icons'
import { narrow, touch } from '../ui/layout'
import { Loading } from '../ui/states'

const home = { to: '/admin', id: 'home', icon: HomeIcon } as const

// A new place is one line here, its name in the section "admin" of the languages, and its route.
const groups = [
  {
    id: 'channels',
    places: [
      { to: '/admin/email', id: 'email', icon: AddressIcon },
      { to: '/admin/tenants', id: 'tenants', icon: TenantIcon },
      { to: '/admin/mail', id: 'mail', icon: RouteIcon },
      { to: '/admin/suspended', id: 'suspended', icon: SuspendedIcon },
      { to: '/admin/rules', id: 'rules', icon: RulesIcon },
    ],
  },
  {
    id: 'people',
    places: [
      { to: '/admin/people', id: 'people', icon: PeopleIcon },
      { to: '/admin/organizations', id: 'organizations', icon: OrganizationIcon },
      { to: '/admin/teams', id: 'teams', icon: TeamIcon },
      { to: '/admin/brands', id: 'brands', icon: BrandIcon },
    ],
  },
  {
    id: 'tickets',
    places: [
      { to: '/admin/views', id: 'views', icon: ViewIcon },
      { to: '/admin/macros', id: 'macros', icon: MacroIcon },
      { to: '/admin/triggers', id: 'triggers', icon: TriggerIcon },
      { to: '/admin/fields', id: 'fields', icon: FieldsIcon },
      { to: '/admin/attachments', id: 'attachments', icon: AttachIcon },
      { to: '/admin/tickets', id: 'ticket_rules', icon: TicketRulesIcon },
    ],
  },
  {
    id: 'system',
    places: [
      { to: '/admin/tokens', id: 'tokens', icon: TokenIcon },
      { to: '/admin/audit', id: 'audit', icon: AuditIcon },
      { to: '/admin/jobs', id: 'jobs', icon: JobIcon },
    ],
  },
] as const

type Group = (typeof groups)[number]
type Place = typeof home | Group['places'][number]

const useStyles = makeStyles({
  frame: {
    display: 'grid',
    gridTemplateColumns: '216px minmax(0, 1fr)',
    minHeight: '100%',
    [narrow]: { display: 'block' },
  },
  side: {
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { borderRightWidth: 0, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  // Stays while the page beside it scrolls; the top bar and the demo's line are above.
  nav: {
    position: 'sticky',
    top: 0,
    maxHeight: 'calc(100dvh - 80px)',
    overflowY: 'auto',
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXXS,
    padding: tokens.spacingHorizontalS,
    [narrow]: { display: 'none' },
  },
  choose: { display: 'none', [narrow]: { display: 'block', padding: tokens.spacingHorizontalS } },
  list: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXXS,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  heading: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    width: '100%',
    marginTop: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    border: 'none',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: 'transparent',
    color: tokens.colorNeutralForeground3,
    fontFamily: 'inherit',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    textAlign: 'start',
    cursor: 'pointer',
    [touch]: { minHeight: '44px' },
    '& > svg': { flexShrink: 0, width: '16px', height: '16px' },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground2Hover },
  },
  place: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    [touch]: { minHeight: '44px', boxSizing: 'border-box' },
    '& > svg': { flexShrink: 0 },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground2Hover },
  },
  here: {
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    color: tokens.colorNeutralForeground1Selected,
    fontWeight: tokens.fontWeightSemibold,
  },
})

/** The admin centre's own navigation beside its pages; on a narrow screen, above them. */
export function AdminFrame() {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.frame}>
      <div className={styles.side}>
        <nav className={styles.nav} aria-label={t('shell.admin')} onKeyDown={moveBetween}>
          <PlaceLink place={home} />
          {groups.map((group) => (
            <PlaceGroup key={group.id} group={group} />
          ))}
        </nav>
        <PlaceSelect className={styles.choose} />
      </div>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </div>
  )
}

/** Arrow keys go up and down the navigation. */
function moveBetween(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('a, button')]
  stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus()
}

function PlaceLink({ place: { to, id, icon: Icon } }: { place: Place }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <NavLink
      to={to}
      end={to === home.to}
      className={({ isActive }) => mergeClasses(styles.place, isActive && styles.here)}
    >
      <Icon />
      <span>{t(`admin.${id}`)}</span>
    </NavLink>
  )
}

const isBelow = (pathname: string, to: string) => pathname === to || pathname.startsWith(`${to}/`)
const remembered = 'tandem.admin.closed'

/** Some places under a heading, by which they fold away. What is open shows in any case. */
function PlaceGroup({ group: { id, places } }: { group: Group }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { pathname } = useLocation()
  const [closed, setClosed] = useState(() => closedGroups().has(id))
  const shown = places.filter(({ to }) => !closed || isBelow(pathname, to))
  const toggle = () => {
    const all = closedGroups()
    if (!all.delete(id)) all.add(id)
    localStorage.setItem(remembered, [...all].join())
    setClosed(!closed)
  }
  return (
    <div>
      <button type="button" className={styles.heading} aria-expanded={!closed} onClick={toggle}>
        {t(`admin.group.${id}`)}
        {closed ? <CollapseIcon aria-hidden /> : <ExpandIcon aria-hidden />}
      </button>
      <ul className={styles.list}>
        {shown.map((place) => (
          <li key={place.to}>
            <PlaceLink place={place} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const closedGroups = () => new Set(localStorage.getItem(remembered)?.split(',').filter(Boolean))

/** The same places for a narrow screen. */
function PlaceSelect({ className }: { className: string }) {
  const { t } = useTranslation()
  const { pathname } = useLocation()
  const navigate = useNavigate()
  const here = groups.flatMap((group) => [...group.places]).find(({ to }) => isBelow(pathname, to)) ?? home
  return (
    <div className={className}>
      <Select aria-label={t('shell.admin')} value={here.to} onChange={(_, { value }) => void navigate(value)}>
        <option value={home.to}>{t('admin.home')}</option>
        {groups.map(({ id, places }) => (
          <optgroup key={id} label={t(`admin.group.${id}`)}>
            {places.map((place) => (
              <option key={place.to} value={place.to}>
                {t(`admin.${place.id}`)}
              </option>
            ))}
          </optgroup>
        ))}
      </Select>
    </div>
  )
}
