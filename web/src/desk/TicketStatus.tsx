import { Badge, type BadgeProps } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketStatus as Status } from '../api/types'

const colors: Record<Status, BadgeProps['color']> = {
  new: 'warning',
  open: 'danger',
  pending: 'brand',
  hold: 'informative',
  solved: 'success',
  closed: 'subtle',
  deleted: 'subtle',
}

/** A ticket's status as a word in its colour. */
export function TicketStatus({ status }: { status: Status }) {
  const { t } = useTranslation()
  return (
    <Badge appearance="tint" color={colors[status]} style={{ flexShrink: 0 }}>
      {t(`status.${status}`)}
    </Badge>
  )
}
