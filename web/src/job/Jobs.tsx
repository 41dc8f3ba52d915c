import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { Problem } from '../api/problem'
import type { Job } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { DataTable, type Column } from '../ui/DataTable'
import { JobIcon, OkIcon, RetryIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { Page } from '../ui/Page'
import { Pager, useLastPage } from '../ui/Pager'
import { useProblemWords } from '../ui/problems'
import { Empty, Loaded } from '../ui/states'
import { TabLinks } from '../ui/TabLinks'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { jobsPerPage, jobStates, useJobActions, useJobs, type JobState } from './queries'

const useStyles = makeStyles({
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
  why: { whiteSpace: 'normal', display: 'block', padding: `${tokens.spacingVerticalXS} 0` },
  dim: { color: tokens.colorNeutralForeground3 },
})

/** Background work: what failed for good, what waits, what runs. */
export function Jobs() {
  const { t } = useTranslation()
  const [search, setSearch] = useSearchParams()
  const state = jobStates.find((one) => one === search.get('state')) ?? 'dead'
  const page = Number(search.get('page')) || 1
  const jobs = useJobs(state, page)
  useLastPage(jobsPerPage, jobs)
  const { retryAll } = useJobActions()
  const notify = useNotify()
  const dead = state === 'dead' ? (jobs.data?.count ?? 0) : 0
  const [asking, setAsking] = useState<Job>()

  return (
    <Page
      title={t('admin.jobs')}
      lead={t('jobs.lead')}
      actions={
        dead > 0 && (
          <Button
            icon={<RetryIcon />}
            onClick={() => retryAll().then(() => notify.done(t('jobs.retried_all', { count: dead })), notify.failed)}
          >
            {t('jobs.retry_all', { count: dead })}
          </Button>
        )
      }
    >
      <TabLinks
        label={t('admin.jobs')}
        here={state}
        tabs={jobStates.map((one) => ({ id: one, to: `?state=${one}`, name: t(`jobs.state.${one}`) }))}
      />
      <Loaded query={jobs}>
        {({ jobs, count }) =>
          jobs.length === 0 ? (
            <Empty icon={state === 'dead' ? <OkIcon /> : <JobIcon />} title={t(`jobs.none.${state}`)}>
              {state === 'dead' && t('jobs.none_hint')}
            </Empty>
          ) : (
            <>
              <JobTable jobs={jobs} state={state} onCancel={setAsking} />
              <Pager
                page={page}
                perPage={jobsPerPage}
                count={count}
                onPage={(p) => setSearch({ state, page: String(p) })}
              />
            </>
          )
        }
      </Loaded>
      {asking && <CancelDialog job={asking} onClose={() => setAsking(undefined)} />}
    </Page>
  )
}

function JobTable({ jobs, state, onCancel }: { jobs: Job[]; state: JobState; onCancel: (job: Job) => void }) {
  const { t } = useTranslation()
  const kindOf = useJobKind()
  const columns: Column<Job>[] = [
    {
      id: 'kind',
      label: t('jobs.kind'),
      cell: (job) => (
        <>
          {kindOf(job)} <Subject job={job} />
        </>
      ),
      second: (job) => <Why job={job} />,
    },
    ...(state === 'dead' || state === 'waiting'
      ? [
          {
            id: 'why',
            label: t('jobs.why'),
            width: '40%',
            hide: 'narrow' as const,
            cell: (job: Job) => <Why job={job} />,
          },
        ]
      : []),
    {
      id: 'attempts',
      label: t('jobs.attempts'),
      width: '92px',
      hide: 'medium' as const,
      cell: (job) => t('jobs.attempt_of', { attempt: job.attempt, max: job.max_attempts }),
    },
    {
      id: 'when',
      label: state === 'waiting' ? t('jobs.runs') : t('jobs.when'),
      width: '112px',
      hide: 'narrow' as const,
      cell: (job) => <Time at={state === 'waiting' ? job.run_at : (job.finished_at ?? job.created_at)} />,
    },
    ...(state === 'running'
      ? []
      : [
          {
            id: 'actions',
            label: t('table.actions'),
            width: '208px',
            cell: (job: Job) => <Actions job={job} onCancel={onCancel} />,
          },
        ]),
  ]
  return <DataTable label={t(`jobs.state.${state}`)} columns={columns} rows={jobs} />
}

/** The kind of a job in words; its code when it is new to us. */
function useJobKind() {
  const { t, i18n } = useTranslation()
  return (job: Job): string => {
    const key = `job_kind.${job.kind.replace('.', '_')}`
    return i18n.exists(key) ? String(t(key as never)) : job.kind
  }
}

function Subject({ job }: { job: Job }) {
  const { subject } = job
  if (!subject) return null
  const to = {
    ticket: `/tickets/${subject.id}`,
    mail: `/admin/mail/${subject.id}`,
    connection: '/admin/email',
  }[subject.kind]
  return <TextLink to={to}>{subject.label}</TextLink>
}

function Why({ job }: { job: Job }) {
  const styles = useStyles()
  const words = useProblemWords()
  if (!job.error && !job.error_code) return '–'
  const { message, remedy } = words(new Problem({ code: job.error_code, message: job.error }))
  return (
    <span className={styles.why}>
      {message} {remedy}{' '}
      <Text size={200} className={styles.dim}>
        {job.error_code}
      </Text>
    </span>
  )
}

function Actions({ job, onCancel }: { job: Job; onCancel: (job: Job) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { retry } = useJobActions()
  const notify = useNotify()
  return (
    <div className={styles.buttons}>
      <Button size="small" onClick={() => retry(job.id).then(() => notify.done(t('jobs.retried')), notify.failed)}>
        {t('action.try_again')}
      </Button>
      <Button size="small" appearance="subtle" onClick={() => onCancel(job)}>
        {t('jobs.cancel')}
      </Button>
    </div>
  )
}

function CancelDialog({ job, onClose }: { job: Job; onClose: () => void }) {
  const { t } = useTranslation()
  const { cancel } = useJobActions()
  const kindOf = useJobKind()
  return (
    <ConfirmDialog
      title={t('jobs.cancel_title')}
      confirm={t('jobs.cancel')}
      onConfirm={() => cancel(job.id)}
      onClose={onClose}
    >
      <Text block>{t('jobs.cancel_what', { kind: kindOf(job), subject: job.subject?.label ?? `#${job.id}` })}</Text>
    </ConfirmDialog>
  )
}
