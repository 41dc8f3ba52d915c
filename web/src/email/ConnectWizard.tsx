import {
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { useBrands } from '../directory/queries'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { ApplicationOptions, ApplicationReview, searchOf, wishOf } from './ApplicationSteps'
import { ConnectOutcome } from './ConnectOutcome'
import { permissions } from './permissions'
import { useEmail } from './queries'
import { Steps } from './Steps'

const steps = ['brand', 'kind', 'options', 'review'] as const
type Step = (typeof steps)[number]

/** How a mailbox can be opened. */
const kinds = ['exchange', 'exchange_app'] as const

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
  dim: { color: tokens.colorNeutralForeground3 },
  permissions: {
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
})

/** Connects a mailbox as a support address; the browser goes to Microsoft and comes back. */
export function ConnectWizard() {
  const { t } = useTranslation()
  const [search] = useSearchParams()
  // Microsoft sent the browser back, and there is something to say or to ask.
  const problem = search.get('problem')
  const state = search.get('state')
  return (
    <Page title={t('wizard.title')} slim back={{ to: '/admin/email', label: t('admin.email') }}>
      {problem || state ? <ConnectOutcome code={problem ?? 'unknown'} state={state} /> : <Wizard />}
    </Page>
  )
}

function Wizard() {
  const { t } = useTranslation()
  const styles = useStyles()
  const brands = useBrands()
  const [search, setSearch] = useSearchParams()
  const step = steps.find((one) => one === search.get('step')) ?? 'brand'
  const set = (changes: Record<string, string>) => setSearch((old) => ({ ...Object.fromEntries(old), ...changes }))
  const go = (to: Step, changes: Record<string, string> = {}) => set({ ...changes, step: to })
  const kind = kinds.find((one) => one === search.get('kind')) ?? 'exchange'
  const names = steps.map((one) => t(`wizard.step.${one === 'review' && kind === 'exchange_app' ? 'connect' : one}`))
  const before = steps[steps.indexOf(step) - 1]

  return (
    <Loaded query={brands}>
      {(list) => {
        const brand =
          list.find((one) => String(one.id) === search.get('brand')) ?? list.find((one) => one.default) ?? list[0]
        const back = before && <Button onClick={() => go(before)}>{t('wizard.back')}</Button>
        const next = (to: Step) => (
          <Button appearance="primary" onClick={() => go(to, { brand: String(brand?.id ?? '') })}>
            {t('wizard.next')}
          </Button>
        )
        return (
          <Card className={styles.card}>
            <Steps names={names} current={steps.indexOf(step)} />
            {step === 'brand' && (
              <>
                <Subtitle2 as="h2">{t('wizard.brand')}</Subtitle2>
                <Text>{t('wizard.brand_why')}</Text>
                <RadioGroup
                  aria-label={t('wizard.brand')}
                  value={String(brand?.id ?? '')}
                  onChange={(_, data) => set({ brand: data.value })}
                >
                  {list.map((one) => (
                    <Radio key={one.id} value={String(one.id)} label={one.name} />
                  ))}
                </RadioGroup>
                <div className={styles.buttons}>{next('kind')}</div>
              </>
            )}
            {step === 'kind' && (
              <>
                <Subtitle2 as="h2">{t('wizard.kind')}</Subtitle2>
                <RadioGroup aria-label={t('wizard.kind')} value={kind} onChange={(_, data) => set({ kind: data.value })}>
                  {kinds.map((one) => (
                    <Radio
                      key={one}
                      value={one}
                      label={
                        <>
                          <Text weight="semibold" block>
                            {t(`connection.kind.${one}`)}
                          </Text>
                          <Text className={styles.dim}>{t(`wizard.kind_${one}`)}</Text>
                        </>
                      }
                    />
                  ))}
                </RadioGroup>
                <div className={styles.buttons}>
                  {back}
                  {next('options')}
                </div>
              </>
            )}
            {step === 'options' && kind === 'exchange_app' && (
              <ApplicationOptions
                wish={wishOf(search)}
                onLeave={(forward, wish) => go(forward ? 'review' : 'kind', searchOf(wish))}
              />
            )}
            {step === 'review' && kind === 'exchange_app' && (
              <ApplicationReview brand={brand?.id ?? 0} brandName={brand?.name ?? ''} wish={wishOf(search)} back={back} />
            )}
            {step === 'options' && kind === 'exchange' && (
              <Options
                email={search.get('email') ?? ''}
                importing={search.get('import') === '1'}
                onLeave={(forward, email, importing) =>
                  go(forward ? 'review' : 'kind', { email, import: importing ? '1' : '' })
                }
              />
            )}
            {step === 'review' && kind === 'exchange' && (
              <Review
                brand={brand?.id ?? 0}
                brandName={brand?.name ?? ''}
                email={search.get('email') ?? ''}
                importing={search.get('import') === '1'}
                back={back}
              />
            )}
          </Card>
        )
      }}
    </Loaded>
  )
}

/** What is typed here goes into the address when the step is left, not with each key. */
function Options({
  email: given,
  importing: chosen,
  onLeave,
}: {
  email: string
  importing: boolean
  onLeave: (forward: boolean, email: string, importing: boolean) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [email, setEmail] = useState(given)
  const [importing, setImporting] = useState(chosen)
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        onLeave(true, email, importing)
      }}
    >
      <Subtitle2 as="h2">{t('wizard.options')}</Subtitle2>
      <Field label={t('wizard.email')} hint={t('wizard.email_hint')}>
        <Input type="email" value={email} onChange={(_, data) => setEmail(data.value)} />
      </Field>
      <div>
        <Checkbox
          label={t('wizard.import')}
          checked={importing}
          onChange={(_, data) => setImporting(data.checked === true)}
        />
        <Text block size={200} className={styles.dim}>
          {t('wizard.import_why')}
        </Text>
      </div>
      <div className={styles.buttons}>
        <Button onClick={() => onLeave(false, email, importing)}>{t('wizard.back')}</Button>
        <Button type="submit" appearance="primary">
          {t('wizard.next')}
        </Button>
      </div>
    </form>
  )
}

/** What will happen, and what Microsoft will be asked for. */
function Review({
  brand,
  brandName,
  email,
  importing,
  back,
}: {
  brand: number
  brandName: string
  email: string
  importing: boolean
  back: React.ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { connect } = useEmail()
  const [leaving, setLeaving] = useState(false)
  const [error, setError] = useState<unknown>()
  const leave = () => {
    setLeaving(true)
    setError(undefined)
    connect({ brand_id: brand, email: email.trim() || undefined, import: importing }).catch((thrown) => {
      setLeaving(false)
      setError(thrown)
    })
  }
  return (
    <>
      <Subtitle2 as="h2">{t('wizard.review')}</Subtitle2>
      <ProblemBar error={error} />
      <ol className={styles.list}>
        <li>{email ? t('wizard.will.sign_in_as', { address: email }) : t('wizard.will.sign_in')}</li>
        <li>{t('wizard.will.permissions')}</li>
        <li>{t('wizard.will.tickets', { brand: brandName })}</li>
        <li>{t('wizard.will.filed')}</li>
        {importing && <li>{t('wizard.will.import')}</li>}
      </ol>
      <Text weight="semibold">{t('wizard.permissions')}</Text>
      <dl className={styles.permissions}>
        {permissions.map(({ id, scope }) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>
              <code>{scope}</code>
            </dt>
            <dd style={{ margin: 0 }}>{t(`permission.${id}`)}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.buttons}>
        {back}
        <Button appearance="primary" disabled={leaving} onClick={leave}>
          {t('wizard.sign_in')}
        </Button>
      </div>
    </>
  )
}
