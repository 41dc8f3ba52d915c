import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { refusal } from '../../api/bulk'
import type { DeletedTicket, JobStatus } from '../../api/types'
import { useMe } from '../../session/queries'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { DataTable, type Column } from '../../ui/DataTable'
import { DeleteIcon, UndoIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { Pager, useLastPage } from '../../ui/Pager'
import { Empty, Loaded, Loading } from '../../ui/states'
import { Time } from '../../ui/Time'
import { deletedPerPage, useDeletedTickets, useTicketLife } from './queries'

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
})

/** Tickets that can be brought back, and those who may delete them for good. */
export function DeletedTickets() {
  const { t } = useTranslation()
  const styles = useStyles()
  const me = useMe()
  const notify = useNotify()
  const { restoreMany, deleteForGood } = useTicketLife()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const list = useDeletedTickets(page)
  useLastPage(deletedPerPage, list)
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState(false)

  const tell = (job: JobStatus, sentence: 'life.restored' | 'life.gone') => {
    const done = job.progress - job.refused
    if (done > 0) notify.done(t(sentence, { count: done }))
    if (job.results?.[0]) notify.failed(refusal(job.results[0]))
    setChosen(new Set())
  }
  const bringBack = async (ids: number[]) => {
    setBusy(true)
    try {
      tell(await restoreMany(ids), 'life.restored')
    } catch (thrown) {
      notify.failed(thrown)
    } finally {
      setBusy(false)
    }
  }

  const columns: Column<DeletedTicket>[] = [
    { id: 'number', label: t('life.number'), width: '88px', hide: 'narrow', cell: (one) => `#${one.id}` },
    {
      id: 'subject',
      label: t('ticket.subject'),
      cell: (one) => one.subject || t('ticket.no_subject'),
      second: (one) => (
        <>
          #{one.id} · {one.actor.name || t('audit.tandem')} · <Time at={one.deleted_at} />
        </>
      ),
    },
    { id: 'who', label: t('life.deleted_by'), width: '18%', hide: 'narrow', cell: (one) => one.actor.name || t('audit.tandem') },
    { id: 'when', label: t('life.deleted_at'), width: '132px', hide: 'narrow', cell: (one) => <Time at={one.deleted_at} /> },
    { id: 'gone', label: t('life.gone_at'), width: '132px', hide: 'medium', cell: (one) => <Time at={one.gone_at} /> },
  ]
  return (
    <Page title={t('life.deleted_tickets')} lead={t('life.deleted_lead')} back={{ to: '/tickets', label: t('shell.tickets') }}>
      <Loaded query={list} loading={<Loading rows={12} />}>
        {({ deleted_tickets, count }) => {
          const picked = deleted_tickets.filter((one) => chosen.has(one.id)).map((one) => one.id)
          if (deleted_tickets.length === 0)
            return (
              <Empty icon={<DeleteIcon />} title={t('life.none')}>
                {t('life.deleted_lead')}
              </Empty>
            )
          return (
            <>
              {picked.length > 0 && (
                <div className={styles.bar} role="toolbar" aria-label={t('bulk.label')}>
                  <Text weight="semibold">{t('bulk.chosen', { count: picked.length })}</Text>
                  <Button icon={<UndoIcon />} disabled={busy} onClick={() => void bringBack(picked)}>
                    {t('life.restore')}
                  </Button>
                  {me.role === 'admin' && (
                    <Button icon={<DeleteIcon />} disabled={busy} onClick={() => setAsks(true)}>
                      {t('life.delete_for_good')}
                    </Button>
                  )}
                </div>
              )}
              <DataTable
                label={t('life.deleted_tickets')}
                columns={columns}
                rows={deleted_tickets}
                selection={{ chosen, onChange: setChosen, name: (one) => one.subject || `#${one.id}` }}
              />
              <Pager page={page} perPage={deletedPerPage} count={count} onPage={(p) => setSearch({ page: String(p) })} />
              {asks && (
                <ConfirmDialog
                  title={t('life.good_title', { count: picked.length })}
                  confirm={t('life.delete_for_good')}
                  name={t('life.good_word')}
                  onConfirm={async () => tell(await deleteForGood(picked), 'life.gone')}
                  onClose={() => setAsks(false)}
                >
                  {t('life.good_what', {
                    comments: deleted_tickets.filter((one) => chosen.has(one.id)).reduce((n, one) => n + one.comment_count, 0),
                  })}
                </ConfirmDialog>
              )}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
