import { useTranslation } from 'react-i18next'
import type { MicrosoftTenant } from '../api/types'
import { StatusMark } from '../ui/StatusMark'

/** Whether Microsoft lets Tandem in. */
export function TenantState({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  if (tenant.error) return <StatusMark tone="error">{t('tenants.refused')}</StatusMark>
  if (tenant.credentials.some(({ state }) => state === 'working'))
    return <StatusMark tone="ok">{t('tenants.accepted')}</StatusMark>
  return (
    <StatusMark tone="warning">
      {tenant.credentials.length > 0 ? t('tenants.untried') : t('tenants.without_credential')}
    </StatusMark>
  )
}
