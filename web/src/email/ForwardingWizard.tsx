import { Button, Field, Input, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { useForwarding, useRoutes } from './forwardingQueries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
})

/** The wizard's last step for an address whose mail is forwarded: which address, and what will happen. */
export function ForwardingStep({ brand, back }: { brand: number; back: ReactNode }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const settings = useForwarding()
  const { addForwarded } = useRoutes()
  const [email, setEmail] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const add = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      const added = await addForwarded({ email: email.trim(), brand_id: brand })
      await navigate(`/admin/email/addresses/${added.id}`)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }

  return (
    <Loaded query={settings}>
      {({ enabled, relay }) => (
        <form className={styles.form} onSubmit={(event) => void add(event)}>
          <Subtitle2 as="h2">{t('forwarding.which')}</Subtitle2>
          <ProblemBar error={error} />
          {!enabled && <Text>{t('forwarding.off')}</Text>}
          <Field label={t('address.address')} hint={t('forwarding.which_hint')} required>
            <Input type="email" required value={email} onChange={(_, data) => setEmail(data.value)} />
          </Field>
          <ol className={styles.list}>
            <li>{t('forwarding.will.address')}</li>
            <li>{t('forwarding.will.rule')}</li>
            <li>{t('forwarding.will.verify')}</li>
            <li>{relay ? t('forwarding.relay') : t('forwarding.no_relay')}</li>
          </ol>
          <div className={styles.buttons}>
            {back}
            <Button type="submit" appearance="primary" disabled={busy || !enabled || email.trim() === ''}>
              {t('forwarding.add')}
            </Button>
          </div>
        </form>
      )}
    </Loaded>
  )
}
