import { Button, Field, Input, makeStyles, Text, Title2, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import type { Setup } from '../api/types'
import { usePageTitle } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { Front } from './Front'
import { PasswordPair, usePasswordPair } from './PasswordPair'
import { useSetup, useSigning } from './queries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** Where a one-time link leads: the first administrator, or a password. */
export function SetUp() {
  const { t } = useTranslation()
  const { token = '' } = useParams()
  const setup = useSetup(token)
  usePageTitle(t('set_up.title'))
  return <Front>{<Loaded query={setup}>{(facts) => <SetUpForm token={token} setup={facts} />}</Loaded>}</Front>
}

function SetUpForm({ token, setup }: { token: string; setup: Setup }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const { setUp } = useSigning()
  const first = setup.purpose === 'first_administrator'
  const [name, setName] = useState('')
  const [email, setEmail] = useState(setup.email)
  const password = usePasswordPair()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!password.check()) return
    setBusy(true)
    setError(undefined)
    try {
      await setUp(token, { name, email, password: password.value, locale: i18n.language })
      await navigate(first ? '/admin' : '/tickets', { replace: true })
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <Title2 as="h1">{first ? t('set_up.first_title') : t('set_up.password_title')}</Title2>
      <Text>{first ? t('set_up.first_lead') : t('set_up.password_lead', { email: setup.email })}</Text>
      <ProblemBar error={error} />
      {first && (
        <>
          <Field label={t('set_up.name')} required>
            <Input autoComplete="name" autoFocus value={name} onChange={(_, data) => setName(data.value)} />
          </Field>
          <Field label={t('sign_in.email')} required>
            <Input type="email" autoComplete="username" value={email} onChange={(_, data) => setEmail(data.value)} />
          </Field>
        </>
      )}
      <PasswordPair pair={password} />
      <Button type="submit" appearance="primary" disabled={busy || (first && (!name || !email))}>
        {first ? t('set_up.first_submit') : t('set_up.password_submit')}
      </Button>
    </form>
  )
}
