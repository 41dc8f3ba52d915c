import { makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, max-content) minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalS,
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground3 },
  fact: { margin: 0, overflowWrap: 'anywhere' },
})

export type Fact = [term: string, fact: ReactNode] | false | null | undefined

/** Terms and what is known of them, in two columns. */
export function Facts({ facts }: { facts: Fact[] }) {
  const styles = useStyles()
  return (
    <dl className={styles.list}>
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
