import { Button, makeStyles, mergeClasses, tokens, Tooltip } from '@fluentui/react-components'
import { useRef, useState, type DragEvent, type ReactNode, type Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { Upload } from '../api/types'
import { AttachIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { FilesRow } from './FilesRow'
import type { DraftText } from './draft'
import { dropUpload, useUploads } from './uploads'

const useStyles = makeStyles({
  area: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, position: 'relative' },
  over: { outline: `2px dashed ${tokens.colorBrandStroke1}`, outlineOffset: '2px' },
  text: {
    font: 'inherit',
    fontFamily: tokens.fontFamilyBase,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    color: tokens.colorNeutralForeground1,
    backgroundColor: 'transparent',
    border: 'none',
    outlineStyle: 'none',
    resize: 'none',
    width: '100%',
    boxSizing: 'border-box',
    padding: 0,
    minHeight: '72px',
    maxHeight: '40vh',
    // Grows with what is written.
    fieldSizing: 'content',
    '::placeholder': { color: tokens.colorNeutralForeground3, opacity: 1 },
  },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, flexWrap: 'wrap' },
  space: { flexGrow: 1 },
  hidden: { display: 'none' },
})

/** Where a reply or a note is written: text, and files by button, by dropping and by pasting. */
export function WritingArea({
  text,
  label,
  busy,
  onText,
  onSubmit,
  children,
  inputRef,
}: {
  text: DraftText
  label: string
  /** It is being submitted: nothing may be added that would be lost. */
  busy: boolean
  onText: (change: (old: DraftText) => DraftText) => void
  onSubmit: () => void
  /** The buttons at the end of the row. */
  children: (waits: boolean) => ReactNode
  inputRef?: Ref<HTMLTextAreaElement>
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const there = (upload: Upload) => onText((old) => ({ ...old, uploads: [...old.uploads, upload] }))
  const { sending, add } = useUploads(there, notify.failed)

  const remove = (upload: Upload) => {
    dropUpload(upload)
    onText((old) => ({ ...old, uploads: old.uploads.filter((other) => other.token !== upload.token) }))
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    add(event.dataTransfer.files)
  }

  return (
    <div
      className={mergeClasses(styles.area, over && styles.over)}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <textarea
        ref={inputRef}
        className={styles.text}
        aria-label={label}
        placeholder={label}
        value={text.body}
        readOnly={busy}
        onChange={(event) => {
          const body = event.target.value
          onText((old) => ({ ...old, body }))
        }}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return
          event.preventDefault()
          add(event.clipboardData.files)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || sending.length > 0) return
          event.preventDefault()
          onSubmit()
        }}
      />
      <FilesRow uploads={text.uploads} sending={sending} onRemove={remove} />
      <div className={styles.row}>
        <Tooltip content={t('attachment.add')} relationship="label">
          <Button appearance="subtle" icon={<AttachIcon />} onClick={() => chooser.current?.click()} />
        </Tooltip>
        <input
          ref={chooser}
          className={styles.hidden}
          type="file"
          multiple
          aria-label={t('attachment.add')}
          onChange={(event) => {
            add(event.target.files ?? [])
            event.target.value = ''
          }}
        />
        <span className={styles.space} />
        {children(busy || sending.length > 0)}
      </div>
    </div>
  )
}
