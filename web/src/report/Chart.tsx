import { Button, makeStyles, mergeClasses, Subtitle2, tokens } from '@fluentui/react-components'
import { useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink } from 'react-router'
import { narrow } from '../ui/layout'

export interface Series {
  name: string
  values: (number | null)[]
  /** Where the tickets behind each value are listed. */
  hrefs?: (string | undefined)[]
}

const height = 180

const useStyles = makeStyles({
  figure: { margin: 0, display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, minWidth: 0 },
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  legend: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, fontSize: tokens.fontSizeBase200 },
  key: { display: 'inline-flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  swatch: { width: '12px', height: '12px', borderRadius: tokens.borderRadiusSmall },
  plot: {
    position: 'relative',
    display: 'flex',
    alignItems: 'stretch',
    height: `${height}px`,
    marginLeft: '48px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
  },
  line: {
    position: 'absolute',
    left: 0,
    right: 0,
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    fontSize: tokens.fontSizeBase100,
    color: tokens.colorNeutralForeground3,
  },
  tick: {
    position: 'absolute',
    right: '100%',
    paddingRight: tokens.spacingHorizontalXS,
    transform: 'translateY(-50%)',
    whiteSpace: 'nowrap',
  },
  step: {
    position: 'relative',
    flex: '1 1 0',
    minWidth: 0,
    display: 'flex',
    alignItems: 'flex-end',
    justifyContent: 'center',
    gap: '1px',
    paddingInline: '1px',
  },
  bar: {
    position: 'relative',
    flex: '1 1 0',
    maxWidth: '32px',
    borderTopLeftRadius: tokens.borderRadiusSmall,
    borderTopRightRadius: tokens.borderRadiusSmall,
    ':hover': { opacity: 0.8 },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  // Told apart without colour: the first is dark and full, the second light with an edge.
  first: { backgroundColor: tokens.colorCompoundBrandBackground, '@media (forced-colors: active)': { backgroundColor: 'Highlight' } },
  second: {
    backgroundColor: tokens.colorBrandBackground2,
    boxShadow: `inset 0 0 0 1px ${tokens.colorBrandStroke1}`,
    '@media (forced-colors: active)': { border: '1px solid Highlight' },
  },
  labels: {
    display: 'flex',
    marginLeft: '48px',
    fontSize: tokens.fontSizeBase100,
    color: tokens.colorNeutralForeground3,
  },
  label: { flex: '1 1 0', minWidth: 0, textAlign: 'center', overflowWrap: 'anywhere' },
  // The neighbours of such a label are empty.
  wide: { display: 'flex', justifyContent: 'center', whiteSpace: 'nowrap' },
  table: {
    borderCollapse: 'collapse',
    fontSize: tokens.fontSizeBase200,
    '& th, & td': {
      textAlign: 'end',
      padding: `${tokens.spacingVerticalXXS} ${tokens.spacingHorizontalS}`,
      borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
      fontVariantNumeric: 'tabular-nums',
    },
    '& th:first-child': { textAlign: 'start', fontWeight: tokens.fontWeightRegular },
    '& thead th': { fontWeight: tokens.fontWeightSemibold },
    '& a': { color: tokens.colorBrandForegroundLink },
  },
  scroll: { maxHeight: '280px', overflow: 'auto' },
  card: {
    padding: tokens.spacingHorizontalL,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    [narrow]: { padding: tokens.spacingHorizontalM },
  },
})

/** A round figure at or above the greatest value, for the top of the scale: one of those given when one is enough. */
export function topOf(values: (number | null)[], tops: readonly number[] = []): number {
  const greatest = Math.max(1, ...values.map((value) => value ?? 0))
  const given = tops.find((top) => top >= greatest)
  if (given) return given
  const power = 10 ** Math.floor(Math.log10(greatest))
  return [1, 2, 4, 5, 10].map((step) => step * power).find((top) => top >= greatest)!
}

/**
 * Bars for one or two series over the same steps. Each bar is a link to its tickets when there are any;
 * the same figures stand in a table for who would rather read them.
 */
export function Chart({
  title,
  steps,
  series,
  format,
  tops,
}: {
  title: string
  steps: string[]
  series: Series[]
  format: (value: number) => string
  /** Figures at which the scale may end. */
  tops?: readonly number[]
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const heading = useId()
  const [asTable, setAsTable] = useState(false)
  const top = topOf(
    series.flatMap((one) => one.values),
    tops,
  )
  const every = Math.ceil(steps.length / 8)
  return (
    <figure className={mergeClasses(styles.figure, styles.card)} aria-labelledby={heading}>
      <div className={styles.head}>
        <Subtitle2 as="h2" id={heading}>
          {title}
        </Subtitle2>
        <Button size="small" appearance="subtle" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t('report.as_table')}
        </Button>
      </div>
      {asTable ? (
        <div className={styles.scroll} tabIndex={0} role="region" aria-labelledby={heading}>
          <FiguresTable steps={steps} series={series} format={format} />
        </div>
      ) : (
        <>
          {series.length > 1 && (
            <div className={styles.legend}>
              {series.map((one, i) => (
                <span key={one.name} className={styles.key}>
                  <span className={mergeClasses(styles.swatch, i === 0 ? styles.first : styles.second)} aria-hidden />
                  {one.name}
                </span>
              ))}
            </div>
          )}
          <div className={styles.plot}>
            {[1, 0.5].map((part) => (
              <div key={part} className={styles.line} style={{ bottom: `${part * 100}%` }} aria-hidden>
                <span className={styles.tick}>{format(top * part)}</span>
              </div>
            ))}
            {steps.map((step, i) => (
              <div key={step} className={styles.step}>
                {series.map((one, s) => (
                  <Bar
                    key={one.name}
                    className={mergeClasses(styles.bar, s === 0 ? styles.first : styles.second)}
                    part={(one.values[i] ?? 0) / top}
                    words={`${step}: ${one.name} ${one.values[i] == null ? '–' : format(one.values[i])}`}
                    href={one.hrefs?.[i]}
                  />
                ))}
              </div>
            ))}
          </div>
          <div className={styles.labels} aria-hidden>
            {steps.map((step, i) => (
              <span key={step} className={mergeClasses(styles.label, every > 1 && styles.wide)}>
                {i % every === 0 ? step : ''}
              </span>
            ))}
          </div>
        </>
      )}
    </figure>
  )
}

function Bar({ className, part, words, href }: { className: string; part: number; words: string; href?: string }) {
  const style = { height: `${Math.max(part * 100, 0)}%` }
  if (href && part > 0) return <RouterLink to={href} className={className} style={style} aria-label={words} title={words} />
  return <span role="img" className={className} style={style} aria-label={words} title={words} />
}

function FiguresTable({ steps, series, format }: { steps: string[]; series: Series[]; format: (value: number) => string }): ReactNode {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{t('report.step')}</th>
          {series.map((one) => (
            <th key={one.name} scope="col">
              {one.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steps.map((step, i) => (
          <tr key={step}>
            <th scope="row">{step}</th>
            {series.map((one) => {
              const value = one.values[i] ?? null
              const href = one.hrefs?.[i]
              return (
                <td key={one.name}>
                  {value === null ? '–' : href && value > 0 ? <RouterLink to={href}>{format(value)}</RouterLink> : format(value)}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
