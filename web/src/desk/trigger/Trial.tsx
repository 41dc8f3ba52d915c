import { Badge, Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TriggerTrial, TriggerVerdict } from '../../api/types'
import { StatusMark, type Tone } from '../../ui/StatusMark'
import { TextLink } from '../../ui/TextLink'
import { EventLine } from './EventLine'
import { useTriggerWords } from './words'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalL, gap: tokens.spacingVerticalS },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  saw: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
  dim: { color: tokens.colorNeutralForeground3 },
  mail: {
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    padding: tokens.spacingHorizontalM,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
})

/** What one trigger would do, with the verdict on each of its conditions. */
export function Trial({ trial, names }: { trial: TriggerTrial; names: Map<number, string> }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useTriggerWords()
  return (
    <Card className={styles.card} role="group" aria-label={trial.title}>
      <div className={styles.head}>
        {trial.order !== null && <Badge appearance="filled">{t('bench.order', { order: trial.order })}</Badge>}
        <TextLink to={`/admin/triggers/${trial.id}`}>{trial.title}</TextLink>
        <Outcome trial={trial} />
      </div>
      {trial.broken.map((fault) => (
        <Text key={fault.field}>{words.fault(fault.code, fault.message, fault.name)}</Text>
      ))}
      <Verdicts label={trial.all.length > 0 ? t('trigger.all') : ''} verdicts={trial.all} />
      <Verdicts label={trial.any.length > 0 ? t('trigger.any') : ''} verdicts={trial.any} />
      {trial.events.length + trial.notes.length > 0 && (
        <div>
          <Text className={styles.dim}>{t('bench.would_do')}</Text>
          <ul className={styles.list}>
            {trial.events.map((event) => (
              <li key={event.id}>
                <EventLine event={event} names={names} />
                {event.body && <div className={styles.mail}>{event.body}</div>}
              </li>
            ))}
            {trial.notes.map((note, i) => (
              <li key={i}>
                {t('bench.note')}
                <div className={styles.mail}>{note}</div>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  )
}

function Outcome({ trial }: { trial: TriggerTrial }) {
  const { t } = useTranslation()
  const [tone, words]: [Tone, string] =
    trial.order !== null
      ? ['ok', t('bench.fires')]
      : trial.broken.length > 0
        ? ['error', t('trigger.broken')]
        : !trial.active
          ? ['neutral', trial.met ? t('bench.off_but_met') : t('bench.off')]
          : ['neutral', t('bench.rests')]
  return <StatusMark tone={tone}>{words}</StatusMark>
}

function Verdicts({ label, verdicts }: { label: string; verdicts: TriggerVerdict[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useTriggerWords()
  if (verdicts.length === 0) return null
  return (
    <div>
      <Text className={styles.dim}>{label}</Text>
      <ul className={styles.list}>
        {verdicts.map((verdict, i) => (
          <li key={i}>
            <StatusMark tone={verdict.met ? 'ok' : 'neutral'}>
              {verdict.met ? t('bench.met') : t('bench.not_met')}:{' '}
              {`${words.field(verdict.field)} ${words.operator(verdict.field, verdict.operator)} ${verdict.value && words.value(verdict.field, verdict.value)}`.trim()}{' '}
              <span className={styles.saw}>
                {verdict.was !== '' && verdict.was !== verdict.saw
                  ? t('bench.saw_change', {
                      was: words.value(verdict.field, verdict.was),
                      saw: words.value(verdict.field, verdict.saw) || '–',
                    })
                  : t('bench.saw', { saw: (verdict.saw && words.value(verdict.field, verdict.saw)) || '–' })}
              </span>
            </StatusMark>
          </li>
        ))}
      </ul>
    </div>
  )
}
