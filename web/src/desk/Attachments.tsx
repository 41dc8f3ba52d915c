import { Button, Link, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Attachment } from '../api/types'
import { fileSize } from '../i18n/format'
import { useMe } from '../session/queries'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { FetchIcon, FileIcon, MalwareIcon } from '../ui/icons'
import { downloadDangerous, filePath, fileWarning } from './files'

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
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: tokens.spacingHorizontalS,
    maxWidth: '280px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    boxSizing: 'border-box',
    '> svg': { flexShrink: 0 }, // beside a long name
  },
  warned: { flexWrap: 'wrap', maxWidth: '420px' },
  malware: { border: `1px solid ${tokens.colorPaletteRedBorderActive}` },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  size: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  warning: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, flexBasis: '100%' },
  danger: { color: tokens.colorPaletteRedForeground1 },
  picture: { width: '32px', height: '32px', objectFit: 'cover', borderRadius: tokens.borderRadiusSmall },
})

/** Images that every browser shows without running anything. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** The files of a comment; inline images show in its text instead, unless there is something to say about them. */
export function Attachments({ attachments }: { attachments: Attachment[] }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const files = attachments.filter((file) => !file.inline || fileWarning(file))
  if (files.length === 0) return null
  return (
    <ul className={styles.list} aria-label={t('attachment.label')}>
      {files.map((file) => {
        const Shown = fileWarning(file) ? Warned : File
        return <Shown key={file.id} file={file} />
      })}
    </ul>
  )
}

function File({ file }: { file: Attachment }) {
  const { i18n } = useTranslation()
  const styles = useStyles()
  return (
    <li className={styles.file}>
      {pictures.has(file.content_type) ? (
        <img className={styles.picture} src={filePath(file)} alt="" loading="lazy" />
      ) : (
        <FileIcon />
      )}
      <Link className={styles.name} href={filePath(file)} target="_blank" rel="noreferrer" title={file.file_name}>
        {file.file_name}
      </Link>
      <span className={styles.size}>{fileSize(file.size, i18n.language)}</span>
    </li>
  )
}

/** A file that is not here, or that the virus scanner warns of or has not seen. */
function Warned({ file }: { file: Attachment }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { role } = useMe()
  const [confirming, setConfirming] = useState(false)
  const warning = fileWarning(file)!
  const malware = warning === 'malware'
  // Whether an unscanned file is held back is the administrators' choice; the server decides.
  const linked = warning === 'waiting' || warning === 'failed' || warning === 'too_large'
  return (
    <li className={mergeClasses(styles.file, styles.warned, malware && styles.malware)}>
      {malware ? <MalwareIcon className={styles.danger} /> : warning === 'set_aside' ? <FetchIcon /> : <FileIcon />}
      {linked ? (
        <Link className={styles.name} href={filePath(file)} target="_blank" rel="noreferrer" title={file.file_name}>
          {file.file_name}
        </Link>
      ) : (
        <span className={styles.name} title={file.file_name}>
          {file.file_name}
        </span>
      )}
      <span className={styles.size}>{fileSize(file.size, i18n.language)}</span>
      <span className={mergeClasses(styles.warning, malware && styles.danger)}>
        {t(`attachment.${warning}`, { finding: file.scan_finding })}
      </span>
      {role === 'admin' && warning !== 'set_aside' && warning !== 'waiting' && (
        <Button size="small" onClick={() => setConfirming(true)}>
          {t('attachment.download_anyway')}
        </Button>
      )}
      {confirming && (
        <ConfirmDialog
          title={t('attachment.dangerous_title')}
          confirm={t('attachment.download_anyway')}
          name={malware ? file.file_name : undefined}
          onConfirm={() => downloadDangerous(file)}
          onClose={() => setConfirming(false)}
        >
          {t(malware ? 'attachment.dangerous_why' : 'attachment.unseen_why', {
            name: file.file_name,
            finding: file.scan_finding,
          })}
        </ConfirmDialog>
      )}
    </li>
  )
}
