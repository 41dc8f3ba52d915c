import { useTranslation } from 'react-i18next'
import type { Credential } from '../api/types'
import { absoluteTime } from '../i18n/format'
import { StatusMark } from '../ui/StatusMark'
import { credentialTone, expiryTone } from './states'

/** When a credential ends, in words and colour; the instant on hover. */
export function Expiry({ credential }: { credential: Credential }) {
  const { t, i18n } = useTranslation()
  const { days_left: days, expires_at: at } = credential
  if (days === null || at === null) return <StatusMark tone="neutral">{t('credential.expiry_unknown')}</StatusMark>
  const words =
    days < 0
      ? t('credential.expired_ago', { count: -days })
      : days === 0
        ? t('credential.expires_today')
        : t('credential.expires_in', { count: days })
  return (
    <StatusMark tone={expiryTone(days)}>
      <time dateTime={at} title={absoluteTime(new Date(at), i18n.language)}>
        {words}
      </time>
    </StatusMark>
  )
}

/** What Microsoft said of a credential last. */
export function CredentialState({ credential }: { credential: Credential }) {
  const { t } = useTranslation()
  return <StatusMark tone={credentialTone(credential.state)}>{t(`credential.state.${credential.state}`)}</StatusMark>
}
