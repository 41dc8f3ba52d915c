import { Button, makeStyles, mergeClasses, Text, tokens, Tooltip } from '@fluentui/react-components'
import { lazy, Suspense, useRef, useState, type DragEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Upload } from '../api/types'
import { AttachIcon } from '../ui/icons'
import { Loading } from '../ui/states'
import { FilesRow } from './FilesRow'
import { addressOf, waits, type Draft, type DraftText } from './draft'
import type { Pictures } from './pictures'
import { dropUpload, useUploads } from './uploads'

const Editor = lazy(() => import('./editor/Editor').then((m) => ({ default: m.Editor })))

const useStyles = makeStyles({
  area: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, position: 'relative', minWidth: 0 },
  over: { outline: `2px dashed ${tokens.colorBrandStroke1}`, outlineOffset: '2px' },
  row: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, flexWrap: 'wrap' },
  end: { marginLeft: 'auto', display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3 },
  hidden: { display: 'none' },
})

/** Where a reply or a note is written: formed text with pictures, and files by button, by dropping and by pasting. */
export function WritingArea({
  draft,
  edition,
  pictures,
  label,
  busy,
  focusWish = 0,
  onText,
  onSubmit,
  onSlash,
  children,
}: {
  draft: Draft
  edition: number
  pictures: Pictures
  label: string
  /** It is being submitted: nothing may be added that would be lost. */
  busy: boolean
  focusWish?: number
  onText: (change: (old: DraftText) => DraftText) => void
  onSubmit: () => void
  onSlash?: () => void
  /** The buttons at the end of the row. */
  children: (waits: boolean) => ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const text = draft[draft.mode]
  const { sending, add } = useUploads((upload) => onText((old) => ({ ...old, files: [...old.files, upload] })))
  const waiting = sending.length > 0 || waits(text.html)

  const remove = (upload: Upload) => {
    dropUpload(upload)
    onText((old) => ({ ...old, files: old.files.filter((other) => other.token !== upload.token) }))
  }
  const drop = (event: DragEvent) => {
    setOver(false)
    // The editor takes what is dropped on the text.
    if (event.defaultPrevented) return
    event.preventDefault()
    add(event.dataTransfer.files)
  }
  const row = (toolbar: ReactNode) => (
    <>
      <FilesRow uploads={text.files} sending={sending} onRemove={remove} />
      <div className={styles.row}>
        <Tooltip content={t('attachment.add')} relationship="label">
          <Button size="small" appearance="subtle" icon={<AttachIcon />} onClick={() => chooser.current?.click()} />
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
        {toolbar}
        <span className={styles.end}>
          {waiting && (
            <Text size={200} className={styles.dim} role="status">
              {t('editor.waits')}
            </Text>
          )}
          {children(busy || waiting)}
        </span>
      </div>
    </>
  )

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
      <Suspense fallback={<Loading rows={1} height={48} />}>
        <Editor
          // Each half has a history of its own to undo.
          key={label}
          html={text.html}
          edition={edition}
          label={label}
          busy={busy}
          pictures={pictures}
          isOwn={(address) => text.pictures.some((upload) => addressOf(upload) === address)}
          focusWish={focusWish}
          onHTML={(html) => onText((old) => ({ ...old, html }))}
          onFiles={add}
          onSlash={onSlash}
          onSubmit={() => {
            if (!waiting) onSubmit()
          }}
        >
          {row}
        </Editor>
      </Suspense>
    </div>
  )
}
