import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { Link as RouterLink } from 'react-router'
import { touch } from './layout'

const useStyles = makeStyles({
  tabs: {
    display: 'flex',
    gap: tokens.spacingHorizontalS,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    overflowX: 'auto',
    flexShrink: 0,
  },
  tab: {
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    whiteSpace: 'nowrap',
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    borderBottom: '2px solid transparent',
    [touch]: { paddingBlock: tokens.spacingVerticalM },
    ':hover': { color: tokens.colorNeutralForeground1 },
  },
  here: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderBottomColor: tokens.colorCompoundBrandStroke,
  },
})

/** Tabs that are places: each has its own address, so that it can be linked and gone back from. */
export function TabLinks({
  label,
  tabs,
  here,
  className,
}: {
  label: string
  tabs: { id: string; to: string; name: string }[]
  here: string
  className?: string
}) {
  const styles = useStyles()
  return (
    <nav className={mergeClasses(styles.tabs, className)} aria-label={label}>
      {tabs.map(({ id, to, name }) => (
        <RouterLink
          key={id}
          to={to}
          replace
          className={mergeClasses(styles.tab, id === here && styles.here)}
          aria-current={id === here ? 'page' : undefined}
        >
          {name}
        </RouterLink>
      ))}
    </nav>
  )
}
