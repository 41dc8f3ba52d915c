import { Button, Checkbox, Field, Input, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ProblemBar } from '../ui/problems'
import { StatusMark } from '../ui/StatusMark'
import { applicationPermissions } from './permissions'
import { useEmail, useFolders } from './queries'
import { isAfterwards, ReadingFields, type Reading } from './ReadingFields'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3 },
  list: {
    margin: 0,
    paddingLeft: tokens.spacingHorizontalXL,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
  permissions: {
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    gap: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
})

/** What was chosen for a mailbox that the app registration opens. */
export interface Wish extends Reading {
  email: string
  /** Whose app registration; undefined: the only one. */
  tenant?: number
  import: boolean
}

/** The wish as the address of the page carries it, and back. */
export const wishOf = (search: URLSearchParams): Wish => {
  const afterwards = search.get('afterwards')
  return {
    email: search.get('email') ?? '',
    tenant: Number(search.get('tenant')) || undefined,
    import: search.get('import') === '1',
    folder: search.get('folder') ?? '',
    folder_name: search.get('folder_name') ?? '',
    subfolders: search.get('subfolders') === '1',
    afterwards: isAfterwards(afterwards) ? afterwards : 'move',
  }
}

export const searchOf = ({ tenant, ...wish }: Wish): Record<string, string> => ({
  ...wish,
  tenant: tenant ? String(tenant) : '',
  import: wish.import ? '1' : '',
  subfolders: wish.subfolders ? '1' : '',
})

/** Which mailbox, and what of it. Microsoft is asked for it before one goes on. */
export function ApplicationOptions({
  wish: given,
  onLeave,
}: {
  wish: Wish
  onLeave: (forward: boolean, wish: Wish) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [wish, setWish] = useState(given)
  const [asked, setAsked] = useState(given.email)
  const { data, error, isFetching, refetch } = useFolders({ email: asked, tenant: given.tenant }, '', asked !== '')
  const email = wish.email.trim()
  const found = asked === email && data?.mailbox
  const next = () => {
    if (found) onLeave(true, { ...wish, email })
    else if (asked === email) void refetch()
    else setAsked(email)
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        next()
      }}
    >
      <Subtitle2 as="h2">{t('wizard.options')}</Subtitle2>
      <Field label={t('application.email')} hint={t('application.email_hint')} required>
        <Input
          type="email"
          value={wish.email}
          onChange={(_, { value }) =>
            setWish({ ...wish, email: value, folder: '', folder_name: '' }) /* another mailbox has other folders */
          }
        />
      </Field>
      {asked === email && !isFetching && <ProblemBar error={error} />}
      {found && (
        <>
          <StatusMark tone="ok">
            {t(found.email === email.toLowerCase() ? 'application.found' : 'application.found_alias', {
              name: found.name || found.email,
              address: found.email,
            })}
          </StatusMark>
          <ReadingFields
            source={{ email: asked, tenant: given.tenant }}
            reading={wish}
            onChange={(reading) => setWish({ ...wish, ...reading })}
          />
          <div>
            <Checkbox
              label={t('wizard.import')}
              checked={wish.import}
              onChange={(_, { checked }) => setWish({ ...wish, import: checked === true })}
            />
            <Text block size={200} className={styles.dim}>
              {t('wizard.import_why')}
            </Text>
          </div>
        </>
      )}
      <div className={styles.buttons}>
        <Button onClick={() => onLeave(false, wish)}>{t('wizard.back')}</Button>
        <Button type="submit" appearance="primary" disabled={email === '' || (asked === email && isFetching)}>
          {t(found ? 'wizard.next' : 'application.find')}
        </Button>
      </div>
    </form>
  )
}

/** What will happen, and what the app registration has to be allowed. */
export function ApplicationReview({
  brand,
  brandName,
  wish,
  back,
}: {
  brand: number
  brandName: string
  wish: Wish
  back: React.ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const { connectApplication } = useEmail()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const folder = wish.folder_name || t('reading.inbox')
  const connect = async () => {
    setBusy(true)
    setError(undefined)
    try {
      const address = await connectApplication({ brand_id: brand, ...wish })
      await navigate(`/admin/email/addresses/${address}?connected=1`)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  return (
    <>
      <Subtitle2 as="h2">{t('wizard.review')}</Subtitle2>
      <ProblemBar error={error} />
      <ol className={styles.list}>
        <li>{t('application.will.connect', { address: wish.email })}</li>
        <li>{t(wish.subfolders ? 'application.will.read_below' : 'application.will.read', { folder })}</li>
        <li>{t('application.will.tickets', { brand: brandName })}</li>
        <li>{t(`application.will.after.${wish.afterwards}`)}</li>
        {wish.import && <li>{t('wizard.will.import')}</li>}
      </ol>
      <Text weight="semibold">{t('application.permissions')}</Text>
      <dl className={styles.permissions}>
        {applicationPermissions.map(({ id, scope }) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>
              <code>{scope}</code>
            </dt>
            <dd style={{ margin: 0 }}>{t(`application.permission.${id}`)}</dd>
          </div>
        ))}
      </dl>
      <div className={styles.buttons}>
        {back}
        <Button appearance="primary" disabled={busy} onClick={() => void connect()}>
          {t('application.connect')}
        </Button>
      </div>
    </>
  )
}
