import { Button, Field, Input, makeStyles, Text, Title2, tokens } from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate, useSearchParams } from 'react-router'
import { usePageTitle } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { Front } from './Front'
import { useSession, useSigning } from './queries'
import { safePath } from './safePath'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

/** Sign-in with an address and a password. */
export function SignIn() {
  const { t } = useTranslation()
  const styles = useStyles()
  const session = useSession()
  const { signIn } = useSigning()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  usePageTitle(t('sign_in.title'))
  const next = safePath(search.get('next'))

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await signIn(email, password)
      await navigate(next, { replace: true })
    } catch (thrown) {
      setError(thrown)
      setPassword('')
    } finally {
      setBusy(false)
    }
  }

  return (
    <Front>
      <Loaded query={session}>
        {({ user, setup_required, demo }) => {
          if (user) return <Navigate to={next} replace />
          if (setup_required) return <FirstStart />
          return (
            <form className={styles.form} onSubmit={(event) => void submit(event)}>
              <Title2 as="h1">{t('sign_in.title')}</Title2>
              <ProblemBar error={error} />
              <Field label={t('sign_in.email')} required>
                <Input
                  type="email"
                  autoComplete="username"
                  autoFocus
                  value={email}
                  onChange={(_, data) => setEmail(data.value)}
                />
              </Field>
              <Field label={t('sign_in.password')} required>
                <Input
                  type="password"
                  autoComplete="current-password"
                  value={password}
                  onChange={(_, data) => setPassword(data.value)}
                />
              </Field>
              <Button type="submit" appearance="primary" disabled={busy || !email || !password}>
                {t('sign_in.submit')}
              </Button>
              <Text size={200}>{demo ? t('sign_in.demo') : t('sign_in.forgotten')}</Text>
            </form>
          )
        }}
      </Loaded>
    </Front>
  )
}

function FirstStart() {
  const { t } = useTranslation()
  return (
    <>
      <Title2 as="h1">{t('first_start.title')}</Title2>
      <Text block style={{ marginTop: 16 }}>
        {t('first_start.how')}
      </Text>
    </>
  )
}
