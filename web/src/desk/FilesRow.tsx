import { Button, Link, makeStyles, ProgressBar, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Upload } from '../api/types'
import { fileSize } from '../i18n/format'
import { CloseIcon, ErrorIcon, FileIcon } from '../ui/icons'
import { useProblemWords } from '../ui/problems'
import type { Sending } from './uploads'

const useStyles = makeStyles({
  list: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  file: {
    display: 'grid',
    gridTemplateColumns: 'auto minmax(0, 1fr) auto auto',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    paddingLeft: tokens.spacingHorizontalS,
    maxWidth: '320px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  size: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  bar: { gridColumn: '1 / -1' },
  error: { color: tokens.colorPaletteRedForeground1 },
  why: { gridColumn: '1 / -1', paddingBottom: tokens.spacingVerticalXS, fontSize: tokens.fontSizeBase200 },
})

/** The files of what is being written: those that are there, and those on their way. */
export function FilesRow({
  uploads,
  sending,
  onRemove,
}: {
  uploads: Upload[]
  sending: Sending[]
  onRemove: (upload: Upload) => void
}) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  if (uploads.length + sending.length === 0) return null
  const remove = (name: string, act: () => void) => (
    <Button
      size="small"
      appearance="transparent"
      icon={<CloseIcon />}
      aria-label={t('attachment.remove', { name })}
      onClick={act}
    />
  )
  return (
    <ul className={styles.list} aria-label={t('attachment.label')}>
      {uploads.map((upload) => (
        <li key={upload.token} className={styles.file}>
          <FileIcon />
          <span className={styles.name} title={upload.attachment.file_name}>
            {upload.attachment.file_name}
          </span>
          <span className={styles.size}>{fileSize(upload.attachment.size, i18n.language)}</span>
          {remove(upload.attachment.file_name, () => onRemove(upload))}
        </li>
      ))}
      {sending.map((one) => (
        <li key={one.key} className={styles.file}>
          {one.problem ? <ErrorIcon className={styles.error} /> : <FileIcon />}
          <span className={styles.name}>{one.name}</span>
          <span className={styles.size}>{fileSize(one.size, i18n.language)}</span>
          {remove(one.name, one.stop)}
          {one.problem ? (
            <Failed one={one} />
          ) : (
            <ProgressBar
              className={styles.bar}
              value={one.share}
              aria-label={t('attachment.sending', { name: one.name })}
            />
          )}
        </li>
      ))}
    </ul>
  )
}

/** Why a file did not get through, and the way to try again when that may help. */
function Failed({ one }: { one: Sending }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { problem, message, remedy } = useProblemWords()(one.problem)
  const refused = problem.status >= 400 && problem.status < 500
  return (
    <span className={styles.why} role="alert">
      {message} {remedy}{' '}
      {!refused && (
        <Link as="button" inline onClick={one.retry}>
          {t('action.try_again')}
        </Link>
      )}
    </span>
  )
}
