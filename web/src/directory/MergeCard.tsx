import { Button, Card, Field, Input, makeStyles, Radio, RadioGroup, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Role, User } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useNotify } from '../ui/notify'
import { useIdentityActions, usePeopleLike, useRelated } from './identities'
import { useDirectoryPaths } from './paths'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  button: { alignSelf: 'flex-start' },
})

const requesters: Role[] = ['end-user']

/** Makes one person of two requesters. */
export function MergeCard({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const paths = useDirectoryPaths()
  const notify = useNotify()
  const { mergeInto } = useIdentityActions(user.id)
  const [query, setQuery] = useState('')
  const [other, setOther] = useState<User>()
  const [asking, setAsking] = useState(false)
  const { data: found } = usePeopleLike(useDeferredValue(query), requesters)
  const candidates = found?.filter((one) => one.id !== user.id) ?? []
  const merge = async () => {
    if (!other) return
    await mergeInto(other.id)
    notify.done(t('person_merge.done', { from: user.name, into: other.name }))
    void navigate(paths.person(other.id))
  }
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('person_merge.title')}</Subtitle2>
      <Text>{t('person_merge.why')}</Text>
      <Field label={t('person_merge.into')}>
        <Input
          value={query}
          onChange={(_, data) => {
            setQuery(data.value)
            setOther(undefined)
          }}
        />
      </Field>
      {candidates.length > 0 && (
        <RadioGroup
          aria-label={t('person_merge.into')}
          value={String(other?.id ?? '')}
          onChange={(_, data) => setOther(candidates.find((one) => String(one.id) === data.value))}
        >
          {candidates.map((one) => (
            <Radio key={one.id} value={String(one.id)} label={`${one.name} (${one.email})`} />
          ))}
        </RadioGroup>
      )}
      {found && candidates.length === 0 && <Text>{t('person_merge.nobody')}</Text>}
      <Button className={styles.button} disabled={!other} onClick={() => setAsking(true)}>
        {t('person_merge.action')}
      </Button>
      {asking && other && (
        <ConfirmDialog
          title={t('person_merge.ask', { from: user.name, into: other.name })}
          confirm={t('person_merge.action')}
          onConfirm={merge}
          onClose={() => setAsking(false)}
        >
          <Belongings user={user} />
          <Belongings user={other} />
          <Text block>{t('person_merge.what', { into: other.name })}</Text>
        </ConfirmDialog>
      )}
    </Card>
  )
}

function Belongings({ user }: { user: User }) {
  const { t } = useTranslation()
  const { data } = useRelated(user.id)
  return (
    <Text block>
      <b>{user.name}</b> ({user.email})
      {data && (
        <>
          {': '}
          {t('person_merge.tickets', { count: data.requested_tickets })}, {t('person_merge.comments', { count: data.comments })}
        </>
      )}
    </Text>
  )
}
