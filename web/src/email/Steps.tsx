import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { DoneIcon } from '../ui/icons'
import { narrow } from '../ui/layout'

const useStyles = makeStyles({
  steps: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalL,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  step: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    color: tokens.colorNeutralForeground3,
  },
  current: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  number: {
    display: 'grid',
    placeItems: 'center',
    width: '24px',
    height: '24px',
    borderRadius: '50%',
    backgroundColor: tokens.colorNeutralBackground5,
    color: tokens.colorNeutralForeground2,
    fontSize: tokens.fontSizeBase200,
    '& > svg': { width: '14px', height: '14px' },
  },
  reached: { backgroundColor: tokens.colorBrandBackground, color: tokens.colorNeutralForegroundOnBrand },
  name: { [narrow]: { display: 'none' } },
  nameHere: { [narrow]: { display: 'inline' } },
})

/** Where in a wizard one is. */
export function Steps({ names, current }: { names: string[]; current: number }) {
  const styles = useStyles()
  return (
    <ol className={styles.steps}>
      {names.map((name, i) => (
        <li
          key={name}
          className={mergeClasses(styles.step, i === current && styles.current)}
          aria-current={i === current ? 'step' : undefined}
        >
          <span className={mergeClasses(styles.number, i <= current && styles.reached)} aria-hidden>
            {i < current ? <DoneIcon /> : i + 1}
          </span>
          <span className={mergeClasses(styles.name, i === current && styles.nameHere)}>{name}</span>
        </li>
      ))}
    </ol>
  )
}
