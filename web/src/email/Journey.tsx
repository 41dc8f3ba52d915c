import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { MailDetails } from '../api/types'
import { duration } from '../i18n/format'
import { Facts } from '../ui/Facts'
import { ProblemBar } from '../ui/problems'
import { Stations } from '../ui/Stations'
import { CauseMark } from './CauseMark'
import { Evidence, useKnownWords } from './Evidence'
import { stopsOf, travelTime, type Stop } from './journey'
import { isAfterwards } from './ReadingFields'
import { isNoticedBy } from './states'

const useStyles = makeStyles({
  whole: {
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    fontVariantNumeric: 'tabular-nums',
  },
  decision: {
    marginTop: tokens.spacingVerticalS,
    padding: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
  },
})

/** The way of one mail: a line of stations with the times between them. */
export function Journey({ mail }: { mail: MailDetails }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const stops = stopsOf(mail)
  const whole = travelTime(stops)
  const detailOf = ({ station, detail }: Stop) => {
    if (station === 'noticed' && isNoticedBy(detail)) return t(`noticed_by.${detail}`)
    if (station === 'filed' && isAfterwards(detail)) return t(`filed_as.${detail}`)
    return station === 'decided' ? '' : detail
  }
  const stations = stops.map((stop) => ({
    ...stop,
    id: stop.station,
    title: t(`station.${mail.direction}.${stop.station}` as 'station.in.arrived'),
    detail: stop.passage === 'passed' ? detailOf(stop) : t(`journey.${stop.passage}`),
    more: (
      <>
        {stop.station === 'decided' && mail.direction === 'in' && mail.rule && <Decision mail={mail} />}
        {stop.passage === 'stopped' && mail.error && <ProblemBar error={problemOf(mail.error)} />}
      </>
    ),
  }))
  return (
    <div>
      <Stations label={t('journey.label')} stations={stations} />
      {whole !== null && (
        <Text size={200} className={styles.whole}>
          {t('journey.whole', { time: duration(whole, i18n.language) })}
        </Text>
      )}
    </div>
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
