import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { MailDetails } from '../api/types'
import { absoluteTime, clockTime, duration } from '../i18n/format'
import { DoneIcon, ErrorIcon } from '../ui/icons'
import { Facts } from '../ui/Facts'
import { ProblemBar } from '../ui/problems'
import { CauseMark } from './CauseMark'
import { Evidence, useKnownWords } from './Evidence'
import { stopsOf, travelTime, type Stop } from './journey'
import { isAfterwards } from './ReadingFields'
import { isNoticedBy } from './states'

const useStyles = makeStyles({
  line: { listStyleType: 'none', margin: 0, padding: 0 },
  stop: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: '28px minmax(0, 1fr) auto',
    columnGap: tokens.spacingHorizontalM,
    paddingBottom: tokens.spacingVerticalL,
  },
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
  decision: {
    marginTop: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
  },
  detail: { overflowWrap: 'anywhere' },
})

/** The way of one mail: a line of stations with the times between them. */
export function Journey({ mail }: { mail: MailDetails }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const stops = stopsOf(mail)
  const whole = travelTime(stops)
  const end = stops.findLast((stop) => stop.at !== null)?.at ?? new Date()
  const detailOf = ({ station, detail }: Stop) => {
    if (station === 'noticed' && isNoticedBy(detail)) return t(`noticed_by.${detail}`)
    if (station === 'filed' && isAfterwards(detail)) return t(`filed_as.${detail}`)
    return station === 'decided' ? '' : detail
  }
  return (
    <div>
      <ol className={styles.line} aria-label={t('journey.label')}>
        {stops.map((stop, i) => (
          <li
            key={stop.station}
            className={mergeClasses(
              styles.stop,
              (stop.passage === 'ahead' || stop.passage === 'skipped') && styles.away,
            )}
          >
            {i < stops.length - 1 && (
              <span
                className={mergeClasses(styles.rail, stops[i + 1]?.passage === 'passed' && styles.railPassed)}
                aria-hidden
              />
            )}
            <Dot passage={stop.passage} />
            <div>
              <Text weight="semibold" block>
                {t(`station.${mail.direction}.${stop.station}` as 'station.in.arrived')}
              </Text>
              <Text size={200} block className={styles.detail}>
                {stop.passage === 'passed' ? detailOf(stop) : t(`journey.${stop.passage}`)}
              </Text>
              {stop.station === 'decided' && mail.direction === 'in' && mail.rule && <Decision mail={mail} />}
              {stop.passage === 'stopped' && mail.error && <ProblemBar error={problemOf(mail.error)} />}
            </div>
            <div className={styles.time}>
              {stop.at && (
                <time dateTime={stop.at.toISOString()} title={absoluteTime(stop.at, i18n.language)}>
                  {clockTime(stop.at, end, i18n.language)}
                </time>
              )}
              {stop.since !== null && (
                <div className={styles.between}>
                  {t('journey.since', { time: duration(stop.since, i18n.language) })}
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      {whole !== null && (
        <Text size={200} className={styles.between}>
          {t('journey.whole', { time: duration(whole, i18n.language) })}
        </Text>
      )}
    </div>
  )
}

function Dot({ passage }: { passage: Stop['passage'] }) {
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

/** The rule that decided, in a sentence, and what it was judged by. */
function Decision({ mail }: { mail: MailDetails }) {
  const styles = useStyles()
  const known = useKnownWords()
  return (
    <div className={styles.decision}>
      <Text>{known('rule', mail.rule)}</Text>
      {mail.state === 'suspended' && mail.cause && <CauseMark cause={mail.cause} />}
      {mail.evidence.length > 0 && (
        <Facts facts={mail.evidence.map((fact) => [known('evidence', fact.name), <Evidence fact={fact} />])} />
      )}
    </div>
  )
}
