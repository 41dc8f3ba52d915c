import {
  Button,
  Field,
  Input,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Toolbar as FluentToolbar,
  ToolbarDivider,
  tokens,
  Tooltip,
} from '@fluentui/react-components'
import { useEditorState, type Editor } from '@tiptap/react'
import { useRef, useState, type FormEvent, type ReactElement } from 'react'
import { useTranslation } from 'react-i18next'
import {
  BoldIcon,
  BulletsIcon,
  CodeBlockIcon,
  CodeIcon,
  ItalicIcon,
  LinkIcon,
  NumbersIcon,
  PictureIcon,
  QuoteIcon,
  StrikeIcon,
} from '../../ui/icons'
import { isPicture } from '../pictures'
import { linkOf } from './words'

const useStyles = makeStyles({
  bar: { padding: 0, flexWrap: 'wrap', rowGap: tokens.spacingVerticalXXS },
  link: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM, width: '280px' },
  row: { display: 'flex', gap: tokens.spacingHorizontalS },
  hidden: { display: 'none' },
})

type Mark = 'bold' | 'italic' | 'strike' | 'code'
type Block = 'bulletList' | 'orderedList' | 'blockquote' | 'codeBlock'

/** Each button: what it makes, its name, its key as TipTap has it, its icon. */
const marks: [Mark, 'bold' | 'italic' | 'strike' | 'code', string, ReactElement][] = [
  ['bold', 'bold', 'Ctrl+B', <BoldIcon />],
  ['italic', 'italic', 'Ctrl+I', <ItalicIcon />],
  ['strike', 'strike', 'Ctrl+Shift+S', <StrikeIcon />],
  ['code', 'code', 'Ctrl+E', <CodeIcon />],
]
const blocks: [Block, 'bullets' | 'numbers' | 'quote' | 'code_block', string, ReactElement][] = [
  ['bulletList', 'bullets', 'Ctrl+Shift+8', <BulletsIcon />],
  ['orderedList', 'numbers', 'Ctrl+Shift+7', <NumbersIcon />],
  ['blockquote', 'quote', 'Ctrl+Shift+B', <QuoteIcon />],
  ['codeBlock', 'code_block', 'Ctrl+Alt+C', <CodeBlockIcon />],
]

function toggle(editor: Editor, what: Mark | Block) {
  const chain = editor.chain().focus()
  switch (what) {
    case 'bulletList':
      return chain.toggleBulletList().run()
    case 'orderedList':
      return chain.toggleOrderedList().run()
    case 'blockquote':
      return chain.toggleBlockquote().run()
    case 'codeBlock':
      return chain.toggleCodeBlock().run()
    default:
      return chain.toggleMark(what).run()
  }
}

/** How the text can be formed; small, since most replies are plain words. */
export function Toolbar({
  editor,
  linking,
  onLinking,
  onPictures,
}: {
  editor: Editor
  /** The address of a link is being asked for. */
  linking: boolean
  onLinking: (open: boolean) => void
  onPictures: (files: File[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const chooser = useRef<HTMLInputElement>(null)
  const active = useEditorState({
    editor,
    selector: ({ editor }) =>
      Object.fromEntries([...marks, ...blocks].map(([what]) => [what, editor.isActive(what)])) as Record<Mark | Block, boolean>,
  })
  const button = ([what, name, key, icon]: (typeof marks)[number] | (typeof blocks)[number]) => (
    <Tooltip key={what} content={`${t(`editor.${name}`)} (${key})`} relationship="description" withArrow>
      <Button
        size="small"
        appearance={active[what] ? 'outline' : 'subtle'}
        icon={icon}
        aria-label={t(`editor.${name}`)}
        aria-pressed={active[what]}
        onClick={() => toggle(editor, what)}
      />
    </Tooltip>
  )
  return (
    // The caret stays where it is while the mouse is on the bar.
    <FluentToolbar
      size="small"
      className={styles.bar}
      aria-label={t('editor.toolbar')}
      onMouseDown={(event) => event.preventDefault()}
    >
      {marks.map(button)}
      <LinkButton editor={editor} open={linking} onOpen={onLinking} />
      <ToolbarDivider />
      {blocks.map(button)}
      <ToolbarDivider />
      <Tooltip content={t('editor.picture')} relationship="label" withArrow>
        <Button size="small" appearance="subtle" icon={<PictureIcon />} onClick={() => chooser.current?.click()} />
      </Tooltip>
      <input
        ref={chooser}
        className={styles.hidden}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        multiple
        tabIndex={-1}
        aria-label={t('editor.picture')}
        onChange={(event) => {
          onPictures([...(event.target.files ?? [])].filter(isPicture))
          event.target.value = ''
        }}
      />
    </FluentToolbar>
  )
}

function LinkButton({ editor, open, onOpen }: { editor: Editor; open: boolean; onOpen: (open: boolean) => void }) {
  const { t } = useTranslation()
  const active = useEditorState({ editor, selector: ({ editor }) => editor.isActive('link') })
  return (
    <Popover open={open} onOpenChange={(_, data) => onOpen(data.open)} trapFocus withArrow>
      <PopoverTrigger disableButtonEnhancement>
        <Tooltip content={`${t('editor.link')} (Ctrl+K)`} relationship="description" withArrow>
          <Button
            size="small"
            appearance={active ? 'outline' : 'subtle'}
            icon={<LinkIcon />}
            aria-label={t('editor.link')}
            aria-pressed={active}
          />
        </Tooltip>
      </PopoverTrigger>
      <PopoverSurface onMouseDown={(event) => event.stopPropagation()}>
        {open && <LinkForm editor={editor} onClose={() => onOpen(false)} />}
      </PopoverSurface>
    </Popover>
  )
}

function LinkForm({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const former = String((editor.getAttributes('link') as { href?: string }).href ?? '')
  const [typed, setTyped] = useState(former)
  const [wrong, setWrong] = useState(false)

  const put = (event: FormEvent) => {
    event.preventDefault()
    const href = linkOf(typed)
    if (!href) return setWrong(true)
    const chain = editor.chain().focus().extendMarkRange('link')
    if (editor.state.selection.empty && !former) {
      chain.insertContent({ type: 'text', text: typed.trim(), marks: [{ type: 'link', attrs: { href } }] }).run()
    } else {
      chain.setLink({ href }).run()
    }
    onClose()
  }
  const remove = () => {
    editor.chain().focus().extendMarkRange('link').unsetLink().run()
    onClose()
  }
  return (
    <form className={styles.link} onSubmit={put} noValidate>
      <Field label={t('editor.link_address')} validationMessage={wrong ? t('editor.link_wrong') : undefined}>
        <Input type="url" value={typed} onChange={(_, data) => (setTyped(data.value), setWrong(false))} />
      </Field>
      <div className={styles.row}>
        <Button type="submit" appearance="primary" size="small" disabled={!typed.trim()}>
          {t('action.save')}
        </Button>
        {former && (
          <Button size="small" onClick={remove}>
            {t('editor.link_remove')}
          </Button>
        )}
      </div>
    </form>
  )
}
