import {
  Button,
  Field,
  Input,
  makeStyles,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  ProgressBar,
  tokens,
} from '@fluentui/react-components'
import { NodeViewWrapper, type ReactNodeViewProps } from '@tiptap/react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { AltTextIcon, ErrorIcon } from '../../ui/icons'
import { useProblemWords } from '../../ui/problems'
import { addressOf } from '../draft'
import { usePicture, type Picture, type Pictures } from '../pictures'

const useStyles = makeStyles({
  place: { position: 'relative', display: 'inline-block', maxWidth: '100%', verticalAlign: 'bottom' },
  image: { display: 'block', maxWidth: '100%', maxHeight: '320px', borderRadius: tokens.borderRadiusSmall },
  chosen: { outline: `2px solid ${tokens.colorBrandStroke1}`, outlineOffset: '2px' },
  waits: { opacity: 0.6 },
  blank: { width: '160px', height: '90px', backgroundColor: tokens.colorNeutralBackground5 },
  bar: { position: 'absolute', left: 0, right: 0, bottom: 0 },
  alt: { position: 'absolute', top: tokens.spacingVerticalXS, right: tokens.spacingHorizontalXS },
  failed: {
    display: 'inline-flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: tokens.spacingVerticalXS,
    maxWidth: '320px',
    padding: tokens.spacingHorizontalS,
    border: `1px solid ${tokens.colorPaletteRedBorderActive}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
  why: { display: 'flex', gap: tokens.spacingHorizontalXS, color: tokens.colorNeutralForeground1 },
  error: { color: tokens.colorPaletteRedForeground1, flexShrink: 0 },
  buttons: { display: 'flex', gap: tokens.spacingHorizontalXS },
})

/** A picture at its place in the text: shown, on its way, or stopped with a way to try again. */
export function PictureView({ node, editor, extension, getPos, selected, deleteNode, updateAttributes }: ReactNodeViewProps) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { src, alt, key } = node.attrs as { src: string | null; alt: string; key: string | null }
  const { pictures } = extension.options as { pictures: Pictures }
  const picture = usePicture(pictures, key)

  const upload = picture?.upload
  useEffect(() => {
    if (!upload) return
    // Arriving is nothing that the writer did: undo skips it.
    editor.commands.command(({ tr }) => {
      const at = getPos()
      if (at === undefined) return false
      tr.setNodeMarkup(at, undefined, { ...node.attrs, key: null, src: addressOf(upload) + '?inline=1' })
      tr.setMeta('addToHistory', false)
      return true
    })
  }, [upload])

  const remove = () => {
    if (key) pictures.drop(key)
    deleteNode()
    editor.commands.focus()
  }
  if (picture?.problem) {
    return (
      <NodeViewWrapper as="span" className={styles.place}>
        <Failed picture={picture} onRetry={() => pictures.retry(picture.key)} onRemove={remove} />
      </NodeViewWrapper>
    )
  }
  const shown = src ?? picture?.preview
  return (
    <NodeViewWrapper as="span" className={mergeClasses(styles.place, selected && styles.chosen)} data-drag-handle="">
      {shown ? (
        <img className={mergeClasses(styles.image, !src && styles.waits)} src={shown} alt={alt} draggable={false} />
      ) : (
        <span className={mergeClasses(styles.image, styles.blank)} />
      )}
      {!src && (
        <ProgressBar
          className={styles.bar}
          value={picture?.share}
          aria-label={t('editor.picture_sending', { name: picture?.name ?? '' })}
        />
      )}
      {src && selected && editor.isEditable && (
        <AltText className={styles.alt} alt={alt} onAlt={(text) => updateAttributes({ alt: text })} />
      )}
    </NodeViewWrapper>
  )
}

function Failed({ picture, onRetry, onRemove }: { picture: Picture; onRetry: () => void; onRemove: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { problem, message, remedy } = useProblemWords()(picture.problem)
  // What the server, or the limit, refused will be refused again.
  const refused = problem.status >= 400 && problem.status < 500
  return (
    <span className={styles.failed} role="alert" contentEditable={false}>
      <span className={styles.why}>
        <ErrorIcon className={styles.error} />
        <span>
          {message} {remedy}
        </span>
      </span>
      <span className={styles.buttons}>
        {!refused && (
          <Button size="small" onClick={onRetry}>
            {t('action.try_again')}
          </Button>
        )}
        <Button size="small" onClick={onRemove}>
          {t('editor.picture_remove')}
        </Button>
      </span>
    </span>
  )
}

/** What the picture shows, for those who do not see it. */
function AltText({ alt, className, onAlt }: { alt: string; className: string; onAlt: (text: string) => void }) {
  const { t } = useTranslation()
  return (
    <Popover withArrow trapFocus>
      <PopoverTrigger disableButtonEnhancement>
        <Button className={className} size="small" icon={<AltTextIcon />} aria-label={t('editor.alt')} title={t('editor.alt')} />
      </PopoverTrigger>
      <PopoverSurface>
        <Field label={t('editor.alt')} hint={t('editor.alt_hint')}>
          <Input value={alt} maxLength={500} onChange={(_, data) => onAlt(data.value)} />
        </Field>
      </PopoverSurface>
    </Popover>
  )
}
