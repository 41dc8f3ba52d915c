import { Link, makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { Attachment } from '../api/types'
import { fileSize } from '../i18n/format'
import { FileIcon } from '../ui/icons'

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
  },
  name: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', minWidth: 0 },
  size: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, whiteSpace: 'nowrap' },
  picture: { width: '32px', height: '32px', objectFit: 'cover', borderRadius: tokens.borderRadiusSmall },
})

/** Images that every browser shows without running anything. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

/** The files of a comment; inline images show in its text instead. */
export function Attachments({ attachments }: { attachments: Attachment[] }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const files = attachments.filter((file) => !file.inline)
  if (files.length === 0) return null
  return (
    <ul className={styles.list} aria-label={t('attachment.label')}>
      {files.map((file) => (
        <li key={file.id} className={styles.file}>
          {pictures.has(file.content_type) ? (
            <img className={styles.picture} src={file.content_url} alt="" loading="lazy" />
          ) : (
            <FileIcon />
          )}
          <Link className={styles.name} href={file.content_url} target="_blank" rel="noreferrer" title={file.file_name}>
            {file.file_name}
          </Link>
          <span className={styles.size}>{fileSize(file.size, i18n.language)}</span>
        </li>
      ))}
    </ul>
  )
}
