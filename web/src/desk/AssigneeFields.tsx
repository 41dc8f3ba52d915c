import { Field, Select } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketChange } from '../api/types'
import { AgentPicker } from '../directory/AgentPicker'
import { useGroups } from './trigger/queries'

/**
 * Which team has a ticket, and who in it. The server keeps the two together:
 * whoever has the ticket is a member of its team.
 */
export function AssigneeFields({
  team,
  assignee,
  assigneeName,
  disabled,
  small,
  onChange,
}: {
  team: number | null
  assignee: number | null
  /** What the assignee is called, where the page knows. */
  assigneeName?: string
  disabled?: boolean
  small?: boolean
  onChange: (change: Pick<TicketChange, 'group_id' | 'assignee_id'>) => void
}) {
  const { t } = useTranslation()
  const { data: groups = [] } = useGroups()
  const size = small ? 'small' : 'medium'
  return (
    <>
      {groups.length > 0 && (
        <Field label={t('ticket.team')} size={size}>
          <Select
            value={team ?? ''}
            disabled={disabled}
            onChange={(_, { value }) => onChange({ group_id: value ? Number(value) : null })}
          >
            <option value="">–</option>
            {groups.map((group) => (
              <option key={group.id} value={group.id}>
                {group.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label={t('ticket.assignee')} size={size}>
        <AgentPicker
          value={String(assignee ?? '')}
          name={assigneeName}
          choices={[{ value: '', name: t('ticket.unassigned') }]}
          team={team ?? undefined}
          size={size}
          disabled={disabled}
          onChosen={(value) => onChange({ assignee_id: value ? Number(value) : null })}
        />
      </Field>
    </>
  )
}
