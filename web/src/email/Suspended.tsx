import { Button, Field, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { apiURL } from '../api/client'
import type { SuspendedMail } from '../api/types'
import { useMe } from '../session/queries'
import { DataTable, moveRow, RowLink, type Column } from '../ui/DataTable'
import { FilterInput } from '../ui/FilterInput'
import { MailIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { useShortcuts } from '../ui/shortcuts'
import { Empty, Loaded, Loading } from '../ui/states'
import { Time } from '../ui/Time'
import { CauseMark } from './CauseMark'
import { causes, isCause } from './causes'
import { useAddresses } from './queries'
import { SuspendedBulkBar } from './SuspendedBulkBar'
import { SuspendedDrawer } from './SuspendedDrawer'
import { suspendedPerPage, useMailSettings, useSuspendedList } from './suspendedQueries'

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: tokens.spacingHorizontalM },
  grow: { flexGrow: 1, minWidth: '200px' },
  excerpt: { color: tokens.colorNeutralForeground3 },
})

const filterNames = ['query', 'cause', 'connection_id'] as const

/** Mail that is kept but makes no ticket until somebody says so. */
export function Suspended() {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const navigate = useNavigate()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const [query, cause, connection] = filterNames.map((name) => search.get(name) ?? '') as [string, string, string]
  const filter = { query, cause: isCause(cause) ? [cause] : undefined, connection_id: Number(connection) || undefined }
  const list = useSuspendedList(filter, page)
  useLastPage(suspendedPerPage, list)
  const { data: addresses = [] } = useAddresses()
  const { data: settings } = useMailSettings()
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const shown = Number(search.get('mail')) || undefined
  const filtered = filterNames.some((name) => search.get(name))
  useShortcuts({ j: () => moveRow(1), k: () => moveRow(-1) })

  const set = (name: string, value: string) =>
    setSearch((old) => {
      if (name !== 'page' && name !== 'mail') old.delete('page')
      if (value) old.set(name, value)
      else old.delete(name)
      return old
    })

  return (
    <Page
      title={t('admin.suspended')}
      lead={settings && t('suspended.lead', { count: settings.retention_days })}
      actions={
        <>
          {me.role === 'admin' && (
            <Button onClick={() => void navigate('/admin/rules')}>{t('admin.rules')}</Button>
          )}
          <Button as="a" href={apiURL('/suspended_tickets/export.csv', filter)}>
            {t('suspended.export')}
          </Button>
        </>
      }
    >
      <div className={styles.filters}>
        <Field label={t('ledger.search')} className={styles.grow}>
          <FilterInput value={query} onValue={(value) => set('query', value)} />
        </Field>
        <Field label={t('suspended.cause')}>
          <Select value={cause} onChange={(_, data) => set('cause', data.value)}>
            <option value="">{t('ledger.any')}</option>
            {causes.map((one) => (
              <option key={one} value={one}>
                {t(`cause.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('ledger.address')}>
          <Select value={connection} onChange={(_, data) => set('connection_id', data.value)}>
            <option value="">{t('ledger.any')}</option>
            {addresses.map((address) => (
              <option key={address.id} value={address.connection_id}>
                {address.email}
              </option>
            ))}
          </Select>
        </Field>
        {filtered && (
          <Button appearance="subtle" onClick={() => setSearch({})}>
            {t('ledger.clear')}
          </Button>
        )}
      </div>
      <Loaded query={list} loading={<Loading rows={12} />}>
        {({ suspended_tickets: mails, count }) => {
          const picked = mails.filter((mail) => chosen.has(mail.id))
          return mails.length === 0 ? (
            <Empty icon={<MailIcon />} title={filtered ? t('ledger.none_found') : t('suspended.none')}>
              {filtered ? t('ledger.none_found_hint') : t('suspended.none_hint')}
            </Empty>
          ) : (
            <>
              {picked.length > 0 && <SuspendedBulkBar mails={picked} onDone={() => setChosen(new Set())} />}
              <SuspendedTable
                mails={mails}
                href={(mail) => {
                  const next = new URLSearchParams(search)
                  next.set('mail', String(mail.id))
                  return `?${next}`
                }}
                chosen={chosen}
                onChosen={setChosen}
              />
              <Pager page={page} perPage={suspendedPerPage} count={count} onPage={(p) => set('page', String(p))} />
            </>
          )
        }}
      </Loaded>
      {shown && <SuspendedDrawer id={shown} onClose={() => set('mail', '')} />}
    </Page>
  )
}

function SuspendedTable({
  mails,
  href,
  chosen,
  onChosen,
}: {
  mails: SuspendedMail[]
  href: (mail: SuspendedMail) => string
  chosen: ReadonlySet<number>
  onChosen: (chosen: Set<number>) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const subjectOf = (mail: SuspendedMail) => mail.subject || t('ticket.no_subject')
  const columns: Column<SuspendedMail>[] = [
    {
      id: 'cause',
      label: t('suspended.cause'),
      width: '220px',
      hide: 'narrow',
      cell: (mail) => <CauseMark cause={mail.cause_code} />,
    },
    {
      id: 'subject',
      label: t('ticket.subject'),
      cell: (mail) => (
        <>
          <RowLink to={href(mail)}>{subjectOf(mail)}</RowLink> <span className={styles.excerpt}>{mail.content}</span>
        </>
      ),
      second: (mail) => (
        <>
          <CauseMark cause={mail.cause_code} /> · <Time at={mail.created_at} />
        </>
      ),
    },
    { id: 'from', label: t('mail.from'), width: '20%', hide: 'narrow', cell: (mail) => mail.author.email },
    { id: 'to', label: t('mail.to'), width: '18%', hide: 'medium', cell: (mail) => mail.recipient },
    {
      id: 'when',
      label: t('ledger.when'),
      width: '124px',
      hide: 'narrow',
      cell: (mail) => <Time at={mail.created_at} />,
    },
  ]
  return (
    <DataTable
      label={t('admin.suspended')}
      columns={columns}
      rows={mails}
      href={href}
      selection={{ chosen, onChange: onChosen, name: subjectOf }}
    />
  )
}
