import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Select,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { Mail, MailQuery } from '../api/types'
import { DataTable, moveRow, RowLink, type Column } from '../ui/DataTable'
import { ExpandIcon, IncomingIcon, MailIcon, OutgoingIcon } from '../ui/icons'
import { FilterInput } from '../ui/FilterInput'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { useShortcuts } from '../ui/shortcuts'
import { Empty, Loaded, Loading } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { MailState } from './MailState'
import { mailsPerPage, useAddresses, useMails } from './queries'
import { isMailState, mailStates } from './states'

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM },
  grow: { flexGrow: 1, minWidth: '200px' },
  choice: { fontWeight: tokens.fontWeightRegular },
  subject: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS, minWidth: 0 },
  direction: { width: '16px', height: '16px', flexShrink: 0, color: tokens.colorNeutralForeground3 },
  text: { overflow: 'hidden', textOverflow: 'ellipsis' },
})

const directions = ['in', 'out'] as const
const filterNames = ['query', 'direction', 'state', 'connection_id', 'from', 'to', 'tests'] as const
type FilterName = (typeof filterNames)[number]

/** Every mail ever seen, searched and filtered; the filters stand in the address. */
export function Ledger() {
  const { t } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const filter = Object.fromEntries(filterNames.map((name) => [name, search.get(name) ?? ''])) as Record<
    FilterName,
    string
  >
  const mails = useMails(queryOf(filter), page)
  useLastPage(mailsPerPage, mails)
  const { data: addresses = [] } = useAddresses()
  const filtered = filterNames.some((name) => filter[name] !== '')
  useShortcuts({ j: () => moveRow(1), k: () => moveRow(-1) })

  const set = (name: FilterName | 'page', value: string) =>
    setSearch((old) => {
      if (name !== 'page') old.delete('page')
      if (value) old.set(name, value)
      else old.delete(name)
      return old
    })

  return (
    <Page title={t('admin.mail')} lead={t('ledger.lead')}>
      <div className={styles.filters}>
        <Field label={t('ledger.search')} className={styles.grow}>
          <FilterInput value={filter.query} onValue={(value) => set('query', value)} />
        </Field>
        <Field label={t('mail.direction_label')}>
          <Select value={filter.direction} onChange={(_, data) => set('direction', data.value)}>
            <option value="">{t('ledger.any')}</option>
            {directions.map((direction) => (
              <option key={direction} value={direction}>
                {t(`mail.direction.${direction}`)}
              </option>
            ))}
          </Select>
        </Field>
        <StatesFilter
          chosen={filter.state ? filter.state.split(',') : []}
          direction={filter.direction}
          onChange={(states) => set('state', states.join(','))}
        />
        <Field label={t('ledger.address')}>
          <Select value={filter.connection_id} onChange={(_, data) => set('connection_id', data.value)}>
            <option value="">{t('ledger.any')}</option>
            {addresses.map(
              (address) =>
                address.connection_id && (
                  <option key={address.id} value={address.connection_id}>
                    {address.email}
                  </option>
                ),
            )}
          </Select>
        </Field>
        <Field label={t('ledger.from')}>
          <Input type="date" value={filter.from} onChange={(_, data) => set('from', data.value)} />
        </Field>
        <Field label={t('ledger.to')}>
          <Input type="date" value={filter.to} onChange={(_, data) => set('to', data.value)} />
        </Field>
        <Checkbox
          label={t('ledger.tests')}
          checked={filter.tests !== ''}
          onChange={(_, data) => set('tests', data.checked ? '1' : '')}
        />
        {filtered && (
          <Button appearance="subtle" onClick={() => setSearch({})}>
            {t('ledger.clear')}
          </Button>
        )}
      </div>
      <Loaded query={mails} loading={<Loading rows={12} />}>
        {({ mail, count }) =>
          mail.length === 0 ? (
            <Empty icon={<MailIcon />} title={filtered ? t('ledger.none_found') : t('ledger.none')}>
              {filtered ? t('ledger.none_found_hint') : t('ledger.none_hint')}
            </Empty>
          ) : (
            <>
              <MailTable mails={mail} />
              <Pager page={page} perPage={mailsPerPage} count={count} onPage={(p) => set('page', String(p))} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function MailTable({ mails }: { mails: Mail[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const columns: Column<Mail>[] = [
    {
      id: 'state',
      label: t('ledger.state'),
      width: '144px',
      hide: 'narrow',
      cell: (mail) => <MailState state={mail.state} />,
    },
    {
      id: 'subject',
      label: t('ticket.subject'),
      cell: (mail) => (
        <span className={styles.subject} title={mail.subject}>
          {mail.direction === 'in' ? (
            <IncomingIcon role="img" className={styles.direction} aria-label={t('mail.direction.in')} />
          ) : (
            <OutgoingIcon role="img" className={styles.direction} aria-label={t('mail.direction.out')} />
          )}
          <span className={styles.text}>
            <RowLink to={`/admin/mail/${mail.id}`}>{mail.subject || t('ticket.no_subject')}</RowLink>
          </span>
        </span>
      ),
      second: (mail) => (
        <>
          <MailState state={mail.state} /> · <Time at={mail.noticed_at ?? mail.received_at} />
        </>
      ),
    },
    { id: 'from', label: t('mail.from'), width: '19%', hide: 'narrow', cell: (mail) => mail.from.email },
    {
      id: 'to',
      label: t('mail.to'),
      width: '18%',
      hide: 'medium',
      cell: (mail) => mail.to.map((to) => to.email).join(', '),
    },
    {
      id: 'ticket',
      label: t('mail.ticket'),
      width: '72px',
      hide: 'narrow',
      cell: (mail) => mail.ticket_id && <TextLink to={`/tickets/${mail.ticket_id}`}>#{mail.ticket_id}</TextLink>,
    },
    {
      id: 'when',
      label: t('ledger.when'),
      width: '124px',
      hide: 'narrow',
      cell: (mail) => <Time at={mail.noticed_at ?? mail.received_at} />,
    },
  ]
  return <DataTable label={t('admin.mail')} columns={columns} rows={mails} href={(mail) => `/admin/mail/${mail.id}`} />
}

function StatesFilter({
  chosen,
  direction,
  onChange,
}: {
  chosen: string[]
  direction: string
  onChange: (states: string[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const offered = [...(direction === 'out' ? [] : mailStates.in), ...(direction === 'in' ? [] : mailStates.out)]
  return (
    <Field label={t('ledger.state')}>
      <Menu
        persistOnItemClick
        checkedValues={{ state: chosen }}
        onCheckedValueChange={(_, { checkedItems }) => onChange(checkedItems)}
      >
        <MenuTrigger disableButtonEnhancement>
          <Button className={styles.choice} icon={<ExpandIcon />} iconPosition="after">
            {chosen.length > 0 ? t('ledger.states', { count: chosen.length }) : t('ledger.any')}
          </Button>
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {offered.map((state) => (
              <MenuItemCheckbox key={state} name="state" value={state}>
                {t(`mail.state.${state}`)}
              </MenuItemCheckbox>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
    </Field>
  )
}

/** What the API is asked for: the last day chosen counts whole. */
function queryOf(filter: Record<FilterName, string>): MailQuery {
  const startOf = (day: string, plusDays: number) => {
    const date = new Date(`${day}T00:00:00`)
    date.setDate(date.getDate() + plusDays)
    return date.toISOString()
  }
  return {
    query: filter.query,
    direction: directions.find((one) => one === filter.direction),
    state: filter.state.split(',').filter(isMailState),
    connection_id: Number(filter.connection_id) || undefined,
    from: filter.from && startOf(filter.from, 0),
    to: filter.to && startOf(filter.to, 1),
    // A test is looked for by its address, and otherwise in the way.
    hide_probes: filter.tests === '',
  }
}
