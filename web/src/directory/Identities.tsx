import { Badge, Button, Card, Field, Input, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Identity, User } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { useIdentities, useIdentityActions } from './identities'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  list: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, margin: 0, padding: 0, listStyleType: 'none' },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  value: { minWidth: 0, overflowWrap: 'anywhere', marginRight: 'auto' },
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalS },
  wide: { flexGrow: 1 },
})

/** The addresses and numbers by which a person is known. */
export function Identities({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const identities = useIdentities(user.id)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('identity.title')}</Subtitle2>
      <Text>{t('identity.why')}</Text>
      <Loaded query={identities}>
        {(list) => (
          <ul className={styles.list}>
            {list.map((identity) => (
              <Row key={identity.id} identity={identity} user={user} />
            ))}
          </ul>
        )}
      </Loaded>
      <Add user={user} />
    </Card>
  )
}

function Row({ identity, user }: { identity: Identity; user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { makePrimary, remove, split } = useIdentityActions(user.id)
  const [asking, setAsking] = useState<'remove' | 'split'>()
  const mail = identity.type === 'email'
  return (
    <li className={styles.row}>
      <span className={styles.value}>{identity.value}</span>
      {identity.primary ? (
        <Badge appearance="outline">{t('identity.primary')}</Badge>
      ) : (
        <>
          {mail && (
            <Button
              size="small"
              aria-label={t('identity.make_primary_of', { value: identity.value })}
              onClick={() => makePrimary(identity.id).then(() => notify.done(t('state.saved')), notify.failed)}
            >
              {t('identity.make_primary')}
            </Button>
          )}
          {mail && user.role === 'end-user' && (
            <Button
              size="small"
              aria-label={t('identity.split_of', { value: identity.value })}
              onClick={() => setAsking('split')}
            >
              {t('identity.split')}
            </Button>
          )}
          <Button
            size="small"
            aria-label={t('identity.remove_of', { value: identity.value })}
            onClick={() => setAsking('remove')}
          >
            {t('identity.remove')}
          </Button>
        </>
      )}
      {asking === 'remove' && (
        <ConfirmDialog
          title={t('identity.remove_of', { value: identity.value })}
          confirm={t('identity.remove')}
          onConfirm={() => remove(identity.id)}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('identity.remove_what')}</Text>
        </ConfirmDialog>
      )}
      {asking === 'split' && (
        <ConfirmDialog
          title={t('identity.split_of', { value: identity.value })}
          confirm={t('identity.split')}
          onConfirm={() => split(identity.id).then((parted) => notify.done(t('identity.split_done', { name: parted.name })))}
          onClose={() => setAsking(undefined)}
        >
          <Text block>{t('identity.split_what')}</Text>
        </ConfirmDialog>
      )}
    </li>
  )
}

function Add({ user }: { user: User }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { add } = useIdentityActions(user.id)
  const [type, setType] = useState<Identity['type']>('email')
  const [value, setValue] = useState('')
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await add(type, value)
      setValue('')
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <>
      <ProblemBar error={error} />
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <Field label={t('identity.type')}>
          <Select
            value={type}
            onChange={(_, data) => setType(data.value === 'phone_number' ? 'phone_number' : 'email')}
          >
            <option value="email">{t('identity.email')}</option>
            <option value="phone_number">{t('identity.phone_number')}</option>
          </Select>
        </Field>
        <Field className={styles.wide} label={t(`identity.${type}`)}>
          <Input value={value} onChange={(_, data) => setValue(data.value)} />
        </Field>
        <Button type="submit" disabled={value.trim() === ''}>
          {t('identity.add')}
        </Button>
      </form>
    </>
  )
}
