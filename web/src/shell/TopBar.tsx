import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useNavigate } from 'react-router'
import { useLine } from '../api/live'
import { SearchBar } from '../search/SearchBar'
import { useMe } from '../session/queries'
import { Face } from '../ui/Face'
import { AddIcon, WarningIcon } from '../ui/icons'
import { narrow } from '../ui/layout'
import { Bell } from './Bell'

const ProfileMenu = lazy(() => import('./ProfileMenu').then((m) => ({ default: m.ProfileMenu })))

const useStyles = makeStyles({
  bar: {
    gridArea: 'top',
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    paddingInline: tokens.spacingHorizontalM,
  },
  brand: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
  },
  name: { [narrow]: { display: 'none' } },
  label: { [narrow]: { display: 'none' } },
  line: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    fontSize: tokens.fontSizeBase200,
  },
  unseen: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  live: { width: '8px', height: '8px', borderRadius: '50%', backgroundColor: tokens.colorPaletteGreenBackground3 },
  lost: {
    color: tokens.colorPaletteDarkOrangeForeground1,
    display: 'inline-flex',
    '& > svg': { width: '16px', height: '16px' },
  },
})

/** Search, a new ticket, whether the page is live, and the profile. */
export function TopBar({ onShortcuts }: { onShortcuts: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()

  return (
    <header className={styles.bar}>
      <RouterLink to="/tickets" className={styles.brand} aria-label={t('shell.home')}>
        <img src="/tandem.svg" width="24" height="24" alt="" />
        <Text weight="semibold" className={styles.name}>
          Tandem
        </Text>
      </RouterLink>
      <SearchBar />
      <LineIndicator />
      <Button
        appearance="subtle"
        icon={<AddIcon />}
        onClick={() => void navigate('/tickets/new')}
        aria-label={t('shell.new_ticket')}
      >
        <span className={styles.label}>{t('shell.new_ticket')}</span>
      </Button>
      <Bell />
      <Profile onShortcuts={onShortcuts} />
    </header>
  )
}

/** One's own face; its menu is loaded when it is first pressed. */
function Profile({ onShortcuts }: { onShortcuts: () => void }) {
  const { t } = useTranslation()
  const { name } = useMe()
  const [wanted, setWanted] = useState(false)
  const face = (
    <Button
      appearance="transparent"
      aria-haspopup="menu"
      aria-label={t('profile.menu', { name })}
      icon={<Face name={name} />}
      onClick={() => setWanted(true)}
    />
  )
  if (!wanted) return face
  return (
    <Suspense fallback={face}>
      <ProfileMenu onShortcuts={onShortcuts} />
    </Suspense>
  )
}

function LineIndicator() {
  const { t } = useTranslation()
  const styles = useStyles()
  const line = useLine()
  if (line === 'lost') {
    return (
      <span className={styles.line} role="status" title={t('live.lost_why')}>
        <span className={styles.lost} aria-hidden>
          <WarningIcon />
        </span>
        <span className={styles.label}>{t('live.lost')}</span>
        <span className={styles.unseen}>{t('live.lost_why')}</span>
      </span>
    )
  }
  const words = line === 'open' ? t('live.open') : t('live.connecting')
  return (
    <span className={styles.line} role="status" title={words} aria-label={words}>
      {line === 'open' && <span className={styles.live} aria-hidden />}
    </span>
  )
}
