import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Ticket, TicketViewer } from '../api/types'
import { Face } from '../ui/Face'
import { useBeingAt, useViewers } from './viewers'

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  one: { display: 'inline-flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
  writing: { fontWeight: tokens.fontWeightSemibold },
})

/** Who else is at the ticket, above the composer: before one answers what somebody else is answering. */
export function AtTicket({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation()
  const styles = useStyles()
  useBeingAt(ticket.id)
  const others = useViewers().get(ticket.id) ?? []
  return (
    <div role="status">
      {others.length > 0 && (
        <div className={styles.bar}>
          {others.map((one) => (
            <span key={one.user_id} className={styles.one}>
              <Face name={one.name} colleague={one.state === 'writing'} />
              <Text size={200} className={one.state === 'writing' ? styles.writing : undefined}>
                {t(`viewers.${one.state}`, { name: one.name })}
              </Text>
            </span>
          ))}
        </div>
      )}
    </div>
  )
}

/** The faces of who is at a ticket, for its row in a list. */
export function ViewerFaces({ viewers }: { viewers: TicketViewer[] }) {
  const { t } = useTranslation()
  return (
    <>
      {viewers.slice(0, 3).map((one) => {
        const words = t(`viewers.${one.state}`, { name: one.name })
        return (
          <span key={one.user_id} role="img" aria-label={words} title={words}>
            <Face name={one.name} small colleague={one.state === 'writing'} />
          </span>
        )
      })}
    </>
  )
}
