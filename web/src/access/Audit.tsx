import { makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import type { AuditLog } from '../api/types'
import { DataTable, type Column } from '../ui/DataTable'
import { AuditIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { changedFields } from './changes'
import { auditPerPage, useAudit } from './queries'

const useStyles = makeStyles({
  change: {
    whiteSpace: 'normal',
    overflowWrap: 'anywhere',
    display: 'block',
    padding: `${tokens.spacingVerticalXS} 0`,
  },
  field: { display: 'block', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  before: { color: tokens.colorNeutralForeground3, textDecorationLine: 'line-through' },
})

/** Who changed what in the administration, newest first. */
export function Audit() {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const audit = useAudit(page)
  useLastPage(auditPerPage, audit)
  const actionOf = (action: string): string => {
    const key = `audit.action.${action.replaceAll('.', '_')}`
    return i18n.exists(key) ? String(t(key as never)) : action
  }
  const columns: Column<AuditLog>[] = [
    { id: 'when', label: t('ledger.when'), width: '124px', cell: (entry) => <Time at={entry.created_at} /> },
    {
      id: 'who',
      label: t('audit.who'),
      width: '18%',
      hide: 'narrow',
      cell: (entry) => entry.actor_name || t('audit.tandem'),
    },
    {
      id: 'what',
      label: t('audit.what'),
      cell: (entry) => (
        <span className={styles.change}>
          {actionOf(entry.action)}
          {entry.source_label && `: ${entry.source_label}`}
          {changedFields(entry.change).map(({ field, before, after }) => (
            <span key={field} className={styles.field}>
              {field}: {before && <span className={styles.before}>{before}</span>} {after}
            </span>
          ))}
        </span>
      ),
      second: (entry) => entry.actor_name || t('audit.tandem'),
    },
    { id: 'where', label: t('audit.ip'), width: '140px', hide: 'medium', cell: (entry) => entry.ip_address || '–' },
  ]
  return (
    <Page title={t('admin.audit')} lead={t('audit.lead')}>
      <Loaded query={audit}>
        {({ audit_logs, count }) =>
          audit_logs.length === 0 ? (
            <Empty icon={<AuditIcon />} title={t('audit.none')}>
              {t('audit.lead')}
            </Empty>
          ) : (
            <>
              <DataTable label={t('admin.audit')} columns={columns} rows={audit_logs} />
              <Pager page={page} perPage={auditPerPage} count={count} onPage={(p) => setSearch({ page: String(p) })} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
