import {
  Button,
  Card,
  Field,
  Input,
  makeStyles,
  Select,
  SpinButton,
  Subtitle2,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Address } from '../api/types'
import { useBrands } from '../directory/queries'
import { useNotify } from '../ui/notify'
import { ProblemBar } from '../ui/problems'
import { policies } from './Destinations'
import { useEmail } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  dim: { color: tokens.colorNeutralForeground3 },
  button: { alignSelf: 'flex-start' },
  select: { minWidth: 0 },
})

/** The sender's name, the brand, and how answers find their ticket. */
export function AddressSettings({ address }: { address: Address }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { data: brands = [] } = useBrands()
  const { changeAddress } = useEmail()
  const notify = useNotify()
  const [name, setName] = useState(address.name)
  const [brand, setBrand] = useState(address.brand_id)
  const [plus, setPlus] = useState(address.plus_addressing)
  const [error, setError] = useState<unknown>()
  const [destination, setDestination] = useState(address.destination)
  const [priority, setPriority] = useState(address.priority)
  const unchanged =
    name === address.name &&
    brand === address.brand_id &&
    plus === address.plus_addressing &&
    destination === address.destination &&
    priority === address.priority

  const save = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      await changeAddress(address.id, { name, brand_id: brand, plus_addressing: plus, destination, priority })
      notify.done(t('state.saved'))
    } catch (thrown) {
      setError(thrown)
    }
  }
  const makeDefault = () =>
    changeAddress(address.id, { default: true }).then(
      () => notify.done(t('address.is_default_now', { address: address.email })),
      notify.failed,
    )

  return (
    <Card className={styles.card}>
      <form className={styles.form} onSubmit={(event) => void save(event)}>
        <Subtitle2 as="h2">{t('address.settings')}</Subtitle2>
        <ProblemBar error={error} />
        <Field label={t('address.name')} hint={t('address.name_hint')}>
          <Input value={name} onChange={(_, data) => setName(data.value)} />
        </Field>
        <Field label={t('ticket.brand')}>
          <Select value={String(brand)} onChange={(_, data) => setBrand(Number(data.value))}>
            {brands.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
        {!address.outbound && (
          <>
            <Field hint={t('address.plus_hint')}>
              <Switch label={t('address.plus')} checked={plus} onChange={(_, data) => setPlus(data.checked)} />
            </Field>
            <Field label={t('destination.title')} hint={t('destination.lead')}>
              <Select
                className={styles.select}
                value={destination}
                onChange={(_, data) => setDestination(policies.find((one) => one === data.value) ?? '')}
              >
                <option value="">{t('destination.as_organisation')}</option>
                {policies.map((one) => (
                  <option key={one} value={one}>
                    {t(`destination.policy.${one}`)}
                  </option>
                ))}
              </Select>
            </Field>
            <Field label={t('destination.priority')} hint={t('destination.priority_hint')}>
              <SpinButton
                value={priority}
                min={-1000}
                max={1000}
                onChange={(_, data) => setPriority(data.value ?? (Number(data.displayValue) || 0))}
              />
            </Field>
          </>
        )}
        <Button type="submit" appearance="primary" className={styles.button} disabled={unchanged}>
          {t('action.save')}
        </Button>
      </form>
      {address.outbound ? null : address.default ? (
        <Text className={styles.dim}>{t('address.default_why')}</Text>
      ) : (
        <Button className={styles.button} onClick={() => void makeDefault()}>
          {t('address.make_default')}
        </Button>
      )}
    </Card>
  )
}
