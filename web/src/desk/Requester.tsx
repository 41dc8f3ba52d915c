import { Link, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Ticket, User } from '../api/types'
import { useFieldFacts } from '../directory/fields/facts'
import { useOrganization } from '../directory/organizations'
import { searchPath } from '../search/place'
import { useMe } from '../session/queries'
import { Face } from '../ui/Face'
import { Facts, type Fact } from '../ui/Facts'
import { StatusMark } from '../ui/StatusMark'
import { TextLink } from '../ui/TextLink'
import { useNow } from '../ui/Time'
import { OtherTickets } from './OtherTickets'

const useStyles = makeStyles({
  section: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS },
  heading: { margin: 0, display: 'block' },
  person: { display: 'flex', gap: tokens.spacingHorizontalM, alignItems: 'center', minWidth: 0 },
  wrap: { minWidth: 0, overflowWrap: 'anywhere' },
  small: { fontSize: tokens.fontSizeBase200 },
  // What was written down keeps its lines.
  remark: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', fontSize: tokens.fontSizeBase200 },
  notes: {
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    borderLeft: `2px solid ${tokens.colorPaletteMarigoldBorder1}`,
    backgroundColor: tokens.colorNeutralBackground3,
  },
})

/** The pages of people and organizations: the admin centre's for who may go there. */
function usePaths() {
  const base = useMe().role === 'admin' ? '/admin' : ''
  return {
    person: (id: number) => `${base}/people/${id}`,
    organization: (id: number) => `${base}/organizations/${id}`,
  }
}

/** Who asks: how to reach them, and what is known of them. */
export function Requester({ user }: { user: User }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const paths = usePaths()
  const now = useNow()
  const fields = useFieldFacts('user', user.user_fields)
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat(i18n.language, { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone }).format(now)
  return (
    <section className={styles.section}>
      <Subtitle2 as="h2" className={styles.heading}>
        {t('ticket.requester')}
      </Subtitle2>
      <div className={styles.person}>
        <Face name={user.name || user.email} large />
        <div className={styles.wrap}>
          <Text weight="semibold" block>
            <TextLink to={paths.person(user.id)}>{user.name || user.email}</TextLink>
          </Text>
          <Link href={`mailto:${user.email}`} inline className={styles.small}>
            {user.email}
          </Link>
        </div>
      </div>
      {user.suspended && <StatusMark tone="warning">{t('people.suspended')}</StatusMark>}
      {!user.active && <StatusMark tone="neutral">{t('people.is_deleted')}</StatusMark>}
      <Remarks details={user.details} notes={user.notes} />
      <Known
        facts={[
          user.phone ? [t('person.phone'), <Link href={`tel:${user.phone}`}>{user.phone}</Link>] : null,
          user.time_zone ? [t('context.local_time'), clock(user.time_zone)] : null,
          user.tags.length > 0 && [t('ticket.tags'), user.tags.join(', ')],
          ...fields,
        ]}
      />
    </section>
  )
}

/** The organization for which the requester asks. */
export function OrganizationOf({ id }: { id: number }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const paths = usePaths()
  const { data } = useOrganization(id)
  const fields = useFieldFacts('organization', data?.organization_fields ?? {})
  if (!data) return null
  return (
    <section className={styles.section}>
      <Subtitle2 as="h2" className={styles.heading}>
        {t('context.organization')}
      </Subtitle2>
      <Text weight="semibold" className={styles.wrap}>
        <TextLink to={paths.organization(id)}>{data.name}</TextLink>
      </Text>
      <Remarks details={data.details} notes={data.notes} />
      <Known facts={[data.tags.length > 0 && [t('ticket.tags'), data.tags.join(', ')], ...fields]} />
    </section>
  )
}

/** What else the organization asks for, besides the requester. */
export function TicketsOfOrganization({ id, ticket }: { id: number; ticket: Ticket }) {
  const { t } = useTranslation()
  const { data } = useOrganization(id)
  if (!data) return null
  return (
    <OtherTickets
      title={t('context.of_organization')}
      filter={{ organization_id: id }}
      but={(other) => other.requester_id === ticket.requester_id}
      quiet
      more={{ to: searchPath(`organization:"${data.name}"`), name: t('context.all_of', { name: data.name }) }}
    />
  )
}

function Known({ facts }: { facts: Fact[] }) {
  const styles = useStyles()
  if (!facts.some(Boolean)) return null
  return (
    <div className={styles.small}>
      <Facts facts={facts} />
    </div>
  )
}

/** What agents wrote down; notes stand out, because they say how to treat somebody. */
function Remarks({ details, notes }: { details: string; notes: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <>
      {details && <div className={styles.remark}>{details}</div>}
      {notes && (
        <div className={`${styles.remark} ${styles.notes}`} role="note" aria-label={t('person.notes')}>
          {notes}
        </div>
      )}
    </>
  )
}
