import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { absoluteTime, clockTime, duration } from '../i18n/format'
import { DoneIcon, ErrorIcon } from './icons'

const useStyles = makeStyles({
  line: { listStyleType: 'none', margin: 0, padding: 0 },
  stop: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: '28px minmax(0, 1fr) auto',
    columnGap: tokens.spacingHorizontalM,
    paddingBottom: tokens.spacingVerticalL,
  },
  compact: { paddingBottom: tokens.spacingVerticalS },
  rail: {
    position: 'absolute',
    left: '13px',
    top: '24px',
    bottom: 0,
    width: '2px',
    backgroundColor: tokens.colorNeutralStroke1,
  },
  railPassed: { backgroundColor: tokens.colorBrandStroke1 },
  dot: {
    width: '24px',
    height: '24px',
    margin: '0 2px',
    borderRadius: '50%',
    display: 'grid',
    placeItems: 'center',
    boxSizing: 'border-box',
    border: `2px solid ${tokens.colorNeutralStroke1}`,
    backgroundColor: tokens.colorNeutralBackground1,
    '& > svg': { width: '14px', height: '14px' },
  },
  passed: {
    backgroundColor: tokens.colorBrandBackground,
    border: `2px solid ${tokens.colorBrandBackground}`,
    color: tokens.colorNeutralForegroundOnBrand,
  },
  stopped: { border: 'none', color: tokens.colorPaletteRedForeground1, '& > svg': { width: '24px', height: '24px' } },
  away: { color: tokens.colorNeutralForeground3 },
  between: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    fontVariantNumeric: 'tabular-nums',
  },
  time: { textAlign: 'right', whiteSpace: 'nowrap', fontVariantNumeric: 'tabular-nums' },
  detail: { overflowWrap: 'anywhere' },
})

/** How a station stands: passed, the place where the way stopped, left out, or still to come. */
export type Passage = 'passed' | 'stopped' | 'skipped' | 'ahead'

/** One station of a way. */
export interface Station {
  id: string
  title: string
  /** A line below the title. */
  detail?: string
  passage: Passage
  at: Date | null
  /** Milliseconds since the station before that was passed; null for the first. */
  since: number | null
  /** What stands below. */
  more?: ReactNode
}

/** A way as a line of stations with the times between them. */
export function Stations({ label, stations, compact }: { label: string; stations: Station[]; compact?: boolean }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const end = stations.findLast(({ at }) => at !== null)?.at ?? new Date()
  return (
    <ol className={styles.line} aria-label={label}>
      {stations.map((station, i) => (
        <li
          key={station.id}
          className={mergeClasses(
            styles.stop,
            compact && styles.compact,
            (station.passage === 'ahead' || station.passage === 'skipped') && styles.away,
          )}
        >
          {i < stations.length - 1 && (
            <span
              className={mergeClasses(styles.rail, stations[i + 1]?.passage === 'passed' && styles.railPassed)}
              aria-hidden
            />
          )}
          <Dot passage={station.passage} />
          <div>
            <Text weight="semibold" block>
              {station.title}
            </Text>
            {station.detail !== undefined && (
              <Text size={200} block className={styles.detail}>
                {station.detail}
              </Text>
            )}
            {station.more}
          </div>
          <div className={styles.time}>
            {station.at && (
              <time dateTime={station.at.toISOString()} title={absoluteTime(station.at, i18n.language)}>
                {clockTime(station.at, end, i18n.language)}
              </time>
            )}
            {station.since !== null && (
              <div className={styles.between}>
                {t('journey.since', { time: duration(station.since, i18n.language) })}
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}

function Dot({ passage }: { passage: Passage }) {
  const styles = useStyles()
  return (
    <span
      aria-hidden
      className={mergeClasses(
        styles.dot,
        passage === 'passed' && styles.passed,
        passage === 'stopped' && styles.stopped,
      )}
    >
      {passage === 'passed' && <DoneIcon />}
      {passage === 'stopped' && <ErrorIcon />}
    </span>
  )
}
