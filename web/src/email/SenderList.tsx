import { Badge, Button, Card, Field, Input, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { SenderListName } from '../api/types'
import { DeleteIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { useSenders, useSuspendedActions } from './suspendedQueries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalS },
  grow: { flexGrow: 1, minWidth: '200px' },
  dim: { color: tokens.colorNeutralForeground3 },
  list: { listStyleType: 'none', margin: 0, padding: 0, maxHeight: '320px', overflowY: 'auto' },
  entry: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minHeight: '32px' },
  pattern: { flexGrow: 1, overflowWrap: 'anywhere', minWidth: 0 },
})

/** The addresses and domains on one list, with ways to add and remove. */
export function SenderList({ list }: { list: SenderListName }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const senders = useSenders(list)
  const { addSender, removeSender } = useSuspendedActions()
  const [pattern, setPattern] = useState('')
  const [error, setError] = useState<unknown>()

  const add = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await addSender(list, pattern)
      setPattern('')
    } catch (thrown) {
      setError(thrown)
    }
  }
  const remove = (id: number, removed: string) =>
    removeSender(id).then(
      () => notify.done(t('mail_rules.removed', { sender: removed }), () => void addSender(list, removed).catch(notify.failed)),
      notify.failed,
    )

  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t(`mail_rules.list.${list}`)}</Subtitle2>
      <Text className={styles.dim}>{t(`mail_rules.list_hint.${list}`)}</Text>
      <form className={styles.form} onSubmit={(event) => void add(event)}>
        <Field label={t('mail_rules.pattern')} className={styles.grow}>
          <Input value={pattern} onChange={(_, data) => setPattern(data.value)} autoComplete="off" />
        </Field>
        <Button type="submit" disabled={pattern.trim() === ''}>
          {t('mail_rules.add')}
        </Button>
      </form>
      <ProblemBar error={error} />
      <Loaded query={senders}>
        {(entries) =>
          entries.length === 0 ? (
            <Text className={styles.dim}>{t('mail_rules.nobody')}</Text>
          ) : (
            <ul className={styles.list} tabIndex={0} aria-label={t(`mail_rules.list.${list}`)}>
              {entries.map((entry) => (
                <li key={entry.id} className={styles.entry}>
                  <span className={styles.pattern}>{entry.pattern}</span>
                  {entry.learned && <Badge appearance="tint">{t('mail_rules.learned')}</Badge>}
                  <Button
                    size="small"
                    appearance="subtle"
                    icon={<DeleteIcon />}
                    aria-label={t('mail_rules.remove', { sender: entry.pattern })}
                    onClick={() => void remove(entry.id, entry.pattern)}
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}
