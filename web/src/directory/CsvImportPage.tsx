import { Button, Field, Link, makeStyles, mergeClasses, ProgressBar, Select, Text, tokens } from '@fluentui/react-components'
import { useEffect, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'
import { apiURL } from '../api/client'
import type { CsvImport, CsvLine, JobStatus } from '../api/types'
import { BulkProgress } from '../ui/BulkProgress'
import { DataTable, type Column } from '../ui/DataTable'
import { DownloadIcon, UploadIcon } from '../ui/icons'
import { narrow } from '../ui/layout'
import { Page } from '../ui/Page'
import { ProblemBar, ProblemView, useProblemWords } from '../ui/problems'
import { Loading } from '../ui/states'
import { StatusMark, type Tone } from '../ui/StatusMark'
import { TextLink } from '../ui/TextLink'
import {
  asShown,
  encodings,
  separators,
  useCsvActions,
  useCsvImport,
  type Format,
  type ImportKind,
} from './imports'

const useStyles = makeStyles({
  drop: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    textAlign: 'center',
    gap: tokens.spacingVerticalM,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    border: `${tokens.strokeWidthThick} dashed ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  looking: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', gap: tokens.spacingVerticalM, width: '100%', maxWidth: '480px', textAlign: 'start' },
  over: { border: `${tokens.strokeWidthThick} dashed ${tokens.colorBrandStroke1}`, backgroundColor: tokens.colorNeutralBackground1Hover },
  rules: { margin: 0, paddingInlineStart: tokens.spacingHorizontalXL, maxWidth: '680px', color: tokens.colorNeutralForeground2 },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  beside: { lineHeight: '32px' }, // as high as the boxes
  counts: { display: 'flex', flexWrap: 'wrap', gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalXL}` },
  what: { display: 'flex', flexDirection: 'column', paddingBlock: tokens.spacingVerticalXS, whiteSpace: 'normal', overflowWrap: 'anywhere' },
  // What the columns say that narrow screens have no room for.
  inShort: { display: 'none', fontWeight: tokens.fontWeightSemibold, [narrow]: { display: 'block' } },
  buttons: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  muted: { color: tokens.colorNeutralForeground3 },
  old: { color: tokens.colorNeutralForeground3, textDecorationLine: 'line-through' },
})

const lists = { users: '/admin/people?role=end-user', organizations: '/admin/organizations' }

export const ImportPeople = () => <CsvImportPage key="users" kind="users" />
export const ImportOrganizations = () => <CsvImportPage key="organizations" kind="organizations" />

/** Brings a CSV file in: choose it, look at what it would do, and let it be done. The address says how far one is. */
function CsvImportPage({ kind }: { kind: ImportKind }) {
  const { t } = useTranslation()
  const [search, setSearch] = useSearchParams()
  const token = search.get('file') ?? ''
  const format: Format = {
    encoding: encodings.find((one) => one === search.get('encoding')),
    separator: separators.find((one) => one === search.get('separator')),
  }
  return (
    <Page
      title={t(`csv.title_${kind}`)}
      lead={t(`csv.lead_${kind}`)}
      back={{ to: lists[kind], label: t(kind === 'users' ? 'admin.people' : 'admin.organizations') }}
    >
      {token ? (
        <Looked
          token={token}
          format={format}
          onFormat={(part) =>
            setSearch({ file: token, ...Object.fromEntries(Object.entries({ ...format, ...part }).filter(([, value]) => value)) })
          }
          onAnother={() => setSearch({})}
        />
      ) : (
        <Choose kind={kind} onChosen={(chosen) => setSearch({ file: chosen })} />
      )}
    </Page>
  )
}

function Choose({ kind, onChosen }: { kind: ImportKind; onChosen: (token: string) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { choose } = useCsvActions()
  const [error, setError] = useState<unknown>()
  const [sending, setSending] = useState<AbortController>()
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const send = async (file?: File | null) => {
    if (!file || sending) return
    const controller = new AbortController()
    setSending(controller)
    setError(undefined)
    try {
      onChosen(await choose(kind, file, controller.signal))
    } catch (thrown) {
      if (!controller.signal.aborted) setError(thrown)
      setSending(undefined)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void send(event.dataTransfer.files[0])
  }
  return (
    <>
      <ProblemBar error={error} />
      <div
        className={mergeClasses(styles.drop, over && styles.over)}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        {sending ? (
          <Looking onStop={() => sending.abort()} />
        ) : (
          <>
            <Text weight="semibold" size={400}>
              {t('csv.drop')}
            </Text>
            <Button appearance="primary" icon={<UploadIcon />} onClick={() => input.current?.click()}>
              {t('csv.choose')}
            </Button>
          </>
        )}
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,.tsv,text/csv"
          aria-label={t('csv.file')}
          hidden
          onChange={(event) => {
            void send(event.target.files?.[0])
            event.target.value = '' // the same file may be chosen again, once it is corrected
          }}
        />
        <Text size={200} className={styles.muted}>
          {t('csv.limits')}
        </Text>
      </div>
      <ul className={styles.rules}>
        <li>
          {t('csv.rule_columns')}{' '}
          <Link inline href={apiURL(`/${kind}/export.csv`)}>
            {t('csv.rule_export')}
          </Link>
        </li>
        <li>{t(`csv.rule_names_${kind}`)}</li>
        <li>{t('csv.rule_empty')}</li>
        {kind === 'users' && <li>{t('csv.rule_requesters')}</li>}
        <li>{t('csv.rule_look')}</li>
      </ul>
    </>
  )
}

/** A file is read, and each line compared with what is there: some seconds for a long one. */
function Looking({ onStop }: { onStop: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.looking} role="status">
      <Field validationMessage={t('csv.looking_why')} validationState="none">
        <ProgressBar aria-label={t('csv.looking')} />
      </Field>
      <Button onClick={onStop}>{t('action.cancel')}</Button>
    </div>
  )
}

/** What a file would do, or has done. */
function Looked({
  token,
  format,
  onFormat,
  onAnother,
}: {
  token: string
  format: Format
  onFormat: (part: Format) => void
  onAnother: () => void
}) {
  const { t } = useTranslation()
  const { start } = useCsvActions()
  const { data: looked, error, isFetching, refetch } = useCsvImport(token, format)
  const [failed, setFailed] = useState<unknown>()
  const [begun, setBegun] = useState<string>()
  if (error) return <ProblemView error={error} onRetry={() => void refetch()} />
  if (!looked) return <Looking onStop={onAnother} />
  const job = begun ?? looked.job_status_id
  if (job) return <Work job={job} looked={looked} fresh={!isFetching} onAnother={onAnother} />

  const lines = looked.create + looked.update
  const begin = async () => {
    setFailed(undefined)
    try {
      setBegun((await start(token, { encoding: looked.encoding, separator: looked.separator || undefined })).id)
    } catch (thrown) {
      setFailed(thrown)
    }
  }
  return (
    <>
      <ReadAs looked={looked} onFormat={onFormat} />
      {looked.problem ? (
        <ProblemBar error={asShown(looked.problem)} />
      ) : (
        <Counts looked={looked} />
      )}
      <ProblemBar error={failed} />
      <Buttons>
        <Button appearance="primary" disabled={Boolean(looked.problem) || lines === 0 || isFetching} onClick={() => void begin()}>
          {lines === 0 ? t('csv.nothing') : t('csv.start', { count: lines })}
        </Button>
        <Button onClick={onAnother}>{t('csv.another')}</Button>
      </Buttons>
      {!looked.problem && <Lines looked={looked} lines={looked.lines} />}
    </>
  )
}

function Buttons({ children }: { children: ReactNode }) {
  const styles = useStyles()
  return <div className={styles.buttons}>{children}</div>
}

/** How the file was read, which a person may know better. */
function ReadAs({ looked, onFormat }: { looked: CsvImport; onFormat: (part: Format) => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.row}>
      <Field label={t('csv.encoding')}>
        <Select value={looked.encoding} onChange={(_, { value }) => onFormat({ encoding: encodings.find((one) => one === value) })}>
          {encodings.map((one) => (
            <option key={one} value={one}>
              {t(`csv.encoding_${one.replace('-', '_')}` as 'csv.encoding_utf_8')}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('csv.separator')}>
        <Select
          value={looked.separator}
          onChange={(_, { value }) => onFormat({ separator: separators.find((one) => one === value) })}
        >
          {!looked.separator && <option value="">–</option>}
          {separators.map((one) => (
            <option key={one} value={one}>
              {t(`csv.separator_${one}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Text className={mergeClasses(styles.muted, styles.beside)}>{t('csv.read_as', { file: looked.file_name })}</Text>
    </div>
  )
}

const tones: Record<CsvLine['action'], Tone> = { create: 'ok', update: 'ok', unchanged: 'neutral', refused: 'error' }

function Counts({ looked }: { looked: CsvImport }) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.counts} aria-live="polite">
      {(['create', 'update', 'unchanged', 'refused'] as const).map(
        (action) =>
          looked[action] > 0 && (
            <StatusMark key={action} tone={tones[action]}>
              {t(`csv.count_${action}`, { count: looked[action] })}
            </StatusMark>
          ),
      )}
    </div>
  )
}

/** The lines, those with a problem first. */
function Lines({ looked, lines }: { looked: CsvImport; lines: CsvLine[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const pathOf = ({ id }: CsvLine) => `/admin/${looked.kind === 'users' ? 'people' : 'organizations'}/${id}`
  if (lines.length === 0) return null
  const columns: Column<CsvLine & { id: number }>[] = [
    { id: 'line', label: t('csv.line'), width: '72px', hide: 'narrow', cell: ({ line }) => line },
    {
      id: 'action',
      label: t('csv.becomes'),
      width: '140px',
      hide: 'narrow',
      cell: ({ action }) => <StatusMark tone={tones[action]}>{t(`csv.action_${action}`)}</StatusMark>,
    },
    {
      id: 'label',
      label: t(`csv.record_${looked.kind}`),
      width: '24%',
      hide: 'narrow',
      cell: (line) => (lines[line.id]!.id ? <TextLink to={pathOf(lines[line.id]!)}>{line.label}</TextLink> : line.label || '–'),
    },
    { id: 'what', label: t('csv.what'), cell: (line) => <What line={line} /> },
  ]
  const left = looked.total - looked.lines.length
  return (
    <>
      <DataTable label={t('csv.lines')} columns={columns} rows={lines.map((line, id) => ({ ...line, id }))} />
      {left > 0 && <Text className={styles.muted}>{t('csv.left', { count: left })}</Text>}
    </>
  )
}

function What({ line }: { line: CsvLine }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useProblemWords()
  const inShort = (
    <span className={styles.inShort}>
      <StatusMark tone={tones[line.action]}>
        {t('csv.in_short', { action: t(`csv.action_${line.action}`), line: line.line, label: line.label || '–' })}
      </StatusMark>
    </span>
  )
  if (line.problem) {
    const { message, remedy } = words(asShown(line.problem))
    return (
      <div className={styles.what}>
        {inShort}
        <span>{line.problem.column ? t('csv.at_column', { column: line.problem.column, message }) : message}</span>
        <span className={styles.muted}>{remedy}</span>
      </div>
    )
  }
  return (
    <div className={styles.what}>
      {inShort}
      {line.changes.map(({ column, before, after }) => (
        <span key={column}>
          {column}: {before && <span className={styles.old}>{short(before)}</span>} {short(after)}
        </span>
      ))}
    </div>
  )
}

const short = (text: string) => (text.length > 120 ? `${text.slice(0, 120)}…` : text)

/** The work while it is done, and what came of it. */
function Work({ job, looked, fresh, onAnother }: { job: string; looked: CsvImport; fresh: boolean; onAnother: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { end } = useCsvActions()
  const [now, setNow] = useState<JobStatus>()
  const [ended, setEnded] = useState(false)
  const [failed, setFailed] = useState<unknown>()
  const follow = useRef(end)
  useEffect(() => {
    let gone = false
    follow
      .current(job, (status) => !gone && setNow(status))
      .then(
        (status) => !gone && setNow(status),
        (thrown: unknown) => !gone && setFailed(thrown),
      )
      .finally(() => !gone && setEnded(true))
    return () => {
      gone = true
    }
  }, [job])
  if (!ended) return now ? <BulkProgress job={now} what={t('csv.working')} /> : <Loading rows={2} />
  const refused = now?.refused ?? 0
  return (
    <>
      <ProblemBar error={failed} />
      {now && (
        <div className={styles.counts} role="status">
          <StatusMark tone={now.status === 'killed' ? 'warning' : 'ok'}>
            {t(now.status === 'killed' ? 'csv.stopped' : 'csv.done', { count: now.progress - refused, total: now.total })}
          </StatusMark>
          {refused > 0 && <StatusMark tone="error">{t('csv.refused', { count: refused })}</StatusMark>}
        </div>
      )}
      <Buttons>
        {refused > 0 && (
          <Button as="a" href={apiURL(`/csv_imports/${looked.token}/refused.csv`)} icon={<DownloadIcon />}>
            {t('csv.download_refused')}
          </Button>
        )}
        <Button onClick={onAnother}>{t('csv.another')}</Button>
        <TextLink to={lists[looked.kind]}>{t(`csv.to_list_${looked.kind}`)}</TextLink>
      </Buttons>
      {refused > 0 && <Text className={styles.muted}>{t('csv.refused_hint')}</Text>}
      {fresh && refused > 0 && <Lines looked={looked} lines={looked.lines.filter(({ action }) => action === 'refused')} />}
    </>
  )
}
