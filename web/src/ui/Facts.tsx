import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { narrow } from './layout'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, max-content) minmax(0, 1fr)',
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)' },
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalS,
    margin: 0,
  },
  // Where the pane is too narrow for two columns, the fact stands below its term.
  stacked: {
    gridTemplateColumns: 'minmax(0, 1fr)',
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
    rowGap: 0,
    '& dd': { marginBottom: tokens.spacingVerticalS },
  },
  term: { color: tokens.colorNeutralForeground3 },
  fact: { margin: 0, overflowWrap: 'anywhere' },
})

export type Fact = [term: string, fact: ReactNode] | false | null | undefined

/** Terms and what is known of them. */
export function Facts({ facts, stacked }: { facts: Fact[]; stacked?: boolean }) {
  const styles = useStyles()
  return (
    <dl className={mergeClasses(styles.list, stacked && styles.stacked)}>
      {facts.map(
        (pair) =>
          pair && (
            <div key={pair[0]} style={{ display: 'contents' }}>
              <dt className={styles.term}>{pair[0]}</dt>
              <dd className={styles.fact}>{pair[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
