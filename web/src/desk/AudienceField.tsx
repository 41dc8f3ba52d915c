import { Checkbox, Field, Radio, RadioGroup } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Restriction } from '../api/types'
import { useMe } from '../session/queries'
import { useGroups } from './trigger/queries'

/** Whose a view or macro is: one's own, some teams', or everybody's. Agents keep their own only. */
export function AudienceField({ value, onValue }: { value: Restriction | null; onValue: (value: Restriction | null) => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const { data: groups = [] } = useGroups()
  if (me.role !== 'admin') return null
  const teams = value?.ids ?? []
  return (
    <Field label={t('view.audience')}>
      <RadioGroup
        value={value?.type ?? 'all'}
        onChange={(_, data) =>
          onValue(data.value === 'all' ? null : data.value === 'User' ? { type: 'User' } : { type: 'Group', ids: [] })
        }
      >
        <Radio value="all" label={t('view.for_all')} />
        {groups.length > 0 && <Radio value="Group" label={t('view.for_teams')} />}
        <Radio value="User" label={t('view.for_me')} />
      </RadioGroup>
      {value?.type === 'Group' &&
        groups.map(({ id, name }) => (
          <Checkbox
            key={id}
            label={name}
            checked={teams.includes(id)}
            onChange={(_, data) =>
              onValue({ type: 'Group', ids: data.checked ? [...teams, id] : teams.filter((one) => one !== id) })
            }
          />
        ))}
    </Field>
  )
}

/** The restriction of something that is kept, as it is sent back. */
export const restrictionOf = (kept: { restriction: { type: 'User' | 'Group'; id?: number; ids?: number[] } | null }): Restriction | null =>
  kept.restriction && { type: kept.restriction.type, ids: kept.restriction.ids }

/** As the API takes it: null makes it everybody's, which the document of the API cannot say of a reference. */
export const sentRestriction = (value: Restriction | null) => value as Restriction | undefined
