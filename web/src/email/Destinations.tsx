import {
  Card,
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Subtitle2,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Destination } from '../api/types'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { Loaded } from '../ui/states'
import { useDestinationPolicy, useDestinations, useEmail } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, maxWidth: '720px' },
  dim: { color: tokens.colorNeutralForeground3 },
  list: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
})

export const policies: Destination[] = ['every', 'first', 'priority']

const isPolicy = (value: string): value is Destination => policies.some((one) => one === value)

/** Which of several addresses takes a mail that was written to all of them. */
export function Destinations() {
  const { t } = useTranslation()
  const styles = useStyles()
  const policy = useDestinationPolicy()
  const { setDestinationPolicy } = useEmail()
  const notify = useNotify()
  const choose = (value: string) => {
    if (isPolicy(value)) setDestinationPolicy(value).then(() => notify.done(t('state.saved')), notify.failed)
  }
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('destination.title')}</Subtitle2>
      <Text className={styles.dim}>{t('destination.lead')}</Text>
      <Loaded query={policy}>
        {(chosen) => (
          <RadioGroup aria-label={t('destination.title')} value={chosen} onChange={(_, data) => choose(data.value)}>
            {policies.map((one) => (
              <Radio key={one} value={one} label={t(`destination.policy.${one}`)} />
            ))}
          </RadioGroup>
        )}
      </Loaded>
      <Preview />
    </Card>
  )
}

const addressesIn = (text: string) => text.match(/[^\s,;<>"]+@[^\s,;<>"]+/g) ?? []

function Preview() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [text, setText] = useState('')
  const to = addressesIn(useDeferredValue(text))
  const { data = [] } = useDestinations(to, [])
  return (
    <>
      <Field label={t('destination.preview')} hint={t('destination.preview_hint')}>
        <Textarea value={text} onChange={(_, data) => setText(data.value)} rows={2} />
      </Field>
      {to.length > 0 && data.length === 0 && <Text>{t('destination.preview_none')}</Text>}
      {to.length > 0 && data.length > 0 && (
        <ul className={styles.list}>
          {data.map((one) => (
            <li key={one.address}>
              {one.address}{' '}
              <StatusMark tone={one.takes ? 'ok' : one.connected ? 'neutral' : 'warning'}>
                {t(one.takes ? 'destination.takes' : one.connected ? 'destination.leaves' : 'destination.away')}
              </StatusMark>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
