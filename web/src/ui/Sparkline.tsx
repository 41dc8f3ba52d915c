import { makeStyles, tokens } from '@fluentui/react-components'
import { sparkPoints } from './sparkPoints'

const useStyles = makeStyles({
  line: { display: 'block', width: '100%', height: '32px', overflow: 'visible' },
  stroke: { fill: 'none', stroke: tokens.colorBrandStroke1, strokeWidth: '1.5px', vectorEffect: 'non-scaling-stroke' },
  area: { fill: tokens.colorBrandBackground2, stroke: 'none' },
  base: { stroke: tokens.colorNeutralStroke2, strokeWidth: '1px', vectorEffect: 'non-scaling-stroke' },
})

/** The course of a figure as a small line; the sentence tells the same to who cannot see it. */
export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const styles = useStyles()
  const points = sparkPoints(values, 100, 30)
  return (
    <svg className={styles.line} viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <line className={styles.base} x1="0" y1="31" x2="100" y2="31" />
      {points.length > 1 && (
        <>
          <polygon className={styles.area} points={`0,31 ${points.join(' ')} 100,31`} />
          <polyline className={styles.stroke} points={points.join(' ')} />
        </>
      )}
    </svg>
  )
}
