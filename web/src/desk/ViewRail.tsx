import { Button, makeStyles, mergeClasses, tokens, Tooltip } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useNavigate } from 'react-router'
import type { View, ViewCount } from '../api/types'
import { AddIcon, CollapseIcon, ExpandIcon, WarningIcon } from '../ui/icons'
import { narrow, touch } from '../ui/layout'
import { countText, useViewTitle } from './views'

const useStyles = makeStyles({
  rail: {
    display: 'flex',
    flexDirection: 'column',
    gap: '2px',
    padding: tokens.spacingHorizontalS,
    overflowY: 'auto',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    [narrow]: { display: 'none' },
  },
  view: {
    display: 'flex',
    justifyContent: 'space-between',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    [touch]: { minHeight: '44px', boxSizing: 'border-box' },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover, color: tokens.colorNeutralForeground2Hover },
  },
  here: {
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    color: tokens.colorNeutralForeground1Selected,
    fontWeight: tokens.fontWeightSemibold,
  },
  title: { overflow: 'hidden', textOverflow: 'ellipsis', minWidth: 0 },
  count: { fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums', fontWeight: tokens.fontWeightRegular },
  old: { color: tokens.colorNeutralForeground3 },
  broken: { display: 'inline-flex', color: tokens.colorPaletteDarkOrangeForeground1, '& > svg': { width: '16px', height: '16px' } },
  group: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', marginTop: tokens.spacingVerticalS },
  fold: { justifyContent: 'flex-start', paddingInline: tokens.spacingHorizontalS, color: tokens.colorNeutralForeground3 },
})

const folded = 'tandem.views.folded'

/** The views with their counts: shared ones, and below them one's own. */
export function ViewRail({ views, counts, here }: { views: View[]; counts?: Map<number | null, ViewCount>; here?: View }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const own = views.filter((view) => view.restriction?.type === 'User')
  return (
    <nav className={styles.rail} aria-label={t('view.label')}>
      <Group id="shared" title={t('view.shared')} views={views.filter((view) => !own.includes(view))} {...{ counts, here }} />
      <RouterLink to="/suspended" className={styles.view}>
        <span>{t('view.suspended')}</span>
      </RouterLink>
      <RouterLink to="/tickets/deleted" className={styles.view}>
        <span>{t('life.deleted_tickets')}</span>
      </RouterLink>
      <Group id="own" title={t('view.own')} views={own} {...{ counts, here }}>
        <Tooltip content={t('view.add_own')} relationship="label">
          <Button size="small" appearance="subtle" icon={<AddIcon />} onClick={() => void navigate('/views/new')} />
        </Tooltip>
      </Group>
    </nav>
  )
}

function Group({
  id,
  title,
  views,
  counts,
  here,
  children,
}: {
  id: string
  title: string
  views: View[]
  counts?: Map<number | null, ViewCount>
  here?: View
  children?: ReactNode
}) {
  const styles = useStyles()
  const [shut, setShut] = useState(() => (localStorage.getItem(folded) ?? '').split(' ').includes(id))
  const toggle = () => {
    const others = (localStorage.getItem(folded) ?? '').split(' ').filter((one) => one !== '' && one !== id)
    localStorage.setItem(folded, [...others, ...(shut ? [] : [id])].join(' '))
    setShut(!shut)
  }
  return (
    <>
      <div className={styles.group}>
        <Button
          size="small"
          appearance="transparent"
          className={styles.fold}
          icon={shut ? <CollapseIcon /> : <ExpandIcon />}
          aria-expanded={!shut}
          onClick={toggle}
        >
          {title}
        </Button>
        {children}
      </div>
      {!shut && views.map((view) => <Place key={view.id} view={view} count={counts?.get(view.id)} here={view === here} />)}
    </>
  )
}

function Place({ view, count, here }: { view: View; count?: ViewCount; here: boolean }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const titleOf = useViewTitle()
  const broken = view.broken.length > 0
  return (
    <RouterLink
      to={`/tickets?view=${view.shipped ?? view.id}`}
      className={mergeClasses(styles.view, here && styles.here)}
      aria-current={here ? 'page' : undefined}
      title={view.description ?? undefined}
    >
      <span className={styles.title}>{titleOf(view)}</span>
      {broken ? (
        <span className={styles.broken} title={t('view.broken')}>
          <WarningIcon role="img" aria-label={t('view.broken')} />
        </span>
      ) : (
        <span className={mergeClasses(styles.count, count && !count.fresh && styles.old)}>
          {countText(count, i18n.language)}
        </span>
      )}
    </RouterLink>
  )
}
