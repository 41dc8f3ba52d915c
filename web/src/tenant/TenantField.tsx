import { Field, Select } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useTenants } from './queries'

/** The tenant that is meant: the one chosen, or else the first; none while they are not known. */
export function useChosenTenant(chosen: string | null): number | undefined {
  const { data = [] } = useTenants()
  return (data.find(({ id }) => String(id) === chosen) ?? data[0])?.id
}

/** Asks to which Microsoft tenant a mailbox belongs, where there are several. */
export function TenantField({ chosen, onChoose }: { chosen: string | null; onChoose: (id: string) => void }) {
  const { t } = useTranslation()
  const { data = [] } = useTenants()
  const id = useChosenTenant(chosen)
  if (data.length < 2) return null
  return (
    <Field label={t('wizard.tenant')} hint={t('wizard.tenant_hint')}>
      <Select value={String(id)} onChange={(_, { value }) => onChoose(value)}>
        {data.map((tenant) => (
          <option key={tenant.id} value={tenant.id}>
            {tenant.name}
          </option>
        ))}
      </Select>
    </Field>
  )
}
