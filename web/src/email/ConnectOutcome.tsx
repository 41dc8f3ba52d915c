import { Button, Card, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate } from 'react-router'
import { Problem, problemOf } from '../api/problem'
import type { ConnectionRequest } from '../api/types'
import { ProblemBar, ProblemView } from '../ui/problems'
import { Loaded } from '../ui/states'
import { useConnectionRequest, useEmail } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, justifyContent: 'center' },
  question: { justifyContent: 'flex-start' },
})

/** How a sign-in at Microsoft ended when it did not simply succeed. */
export function ConnectOutcome({ code, state }: { code: string; state: string | null }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const request = useConnectionRequest(state)
  const again = (address?: string) => {
    const email = address ? `&step=review&email=${encodeURIComponent(address)}` : ''
    void navigate(`/admin/email/new?brand=${request.data?.brand_id ?? ''}${email}`)
  }
  const failure = (problem: Problem) => (
    <Card className={styles.card}>
      <ProblemView error={problem} />
      <div className={styles.buttons}>
        <Button appearance="primary" onClick={() => again(request.data?.intended)}>
          {t('wizard.again')}
        </Button>
      </div>
    </Card>
  )

  if (state === null) return failure(new Problem({ code, message: '', side: 'yours' }))
  return (
    <Loaded query={request}>
      {(data) => {
        if (data.outcome === 'connected')
          return <Navigate to={`/admin/email/addresses/${data.address_id}?connected=1`} replace />
        if (data.outcome === 'other_account') return <OtherAccount request={data} onAgain={again} />
        return failure(data.error ? problemOf(data.error) : new Problem({ code, message: '', side: 'yours' }))
      }}
    </Loaded>
  )
}

/** Somebody signed in to another mailbox than was meant: which one shall it be? */
function OtherAccount({ request, onAgain }: { request: ConnectionRequest; onAgain: (address: string) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const { confirm } = useEmail()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const { actual, intended } = request

  const answer = async (useActual: boolean) => {
    setBusy(true)
    setError(undefined)
    try {
      const outcome = await confirm(request.state, useActual)
      if (!useActual) onAgain(intended)
      else if (outcome.address_id)
        await navigate(`/admin/email/addresses/${outcome.address_id}?connected=1`, { replace: true })
      else if (outcome.error) setError(problemOf(outcome.error))
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('other_account.title', { actual })}</Subtitle2>
      <Text>{t('other_account.why', { actual, intended })}</Text>
      <ProblemBar error={error} />
      <div className={`${styles.buttons} ${styles.question}`}>
        <Button appearance="primary" disabled={busy} onClick={() => void answer(false)}>
          {t('other_account.intended', { intended })}
        </Button>
        <Button disabled={busy} onClick={() => void answer(true)}>
          {t('other_account.actual', { actual })}
        </Button>
      </div>
    </Card>
  )
}
