import { makeStyles, tokens } from '@fluentui/react-components'
import { EditorContent, useEditor, type Editor as TipTap } from '@tiptap/react'
import { Fragment, Slice, type Node as TextNode, type ResolvedPos } from '@tiptap/pm/model'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNotify } from '../../ui/notify'
import { isPicture, type Pictures } from '../pictures'
import { cleanPaste, hasWords, type TakePicture } from './paste'
import { schemaOf } from './schema'
import { Toolbar } from './Toolbar'
import { fromEditor, paragraphsOf, toEditor } from './words'

const rule = `3px solid ${tokens.colorNeutralStroke1}`
const useStyles = makeStyles({
  text: {
    '& .ProseMirror': {
      minHeight: '72px',
      maxHeight: '40vh',
      overflowY: 'auto',
      outlineStyle: 'none',
      // ProseMirror's own style sheet (prosemirror-view/style/prosemirror.css).
      position: 'relative',
      overflowWrap: 'anywhere',
      whiteSpace: 'break-spaces',
      fontVariantLigatures: 'none',
      fontFamily: tokens.fontFamilyBase,
      fontSize: tokens.fontSizeBase300,
      lineHeight: tokens.lineHeightBase300,
      color: tokens.colorNeutralForeground1,
    },
    '& .ProseMirror > * + *, & blockquote > * + *': { marginTop: tokens.spacingVerticalS },
    '& p': { margin: 0 },
    '& p.is-editor-empty:first-child::before': {
      content: 'attr(data-placeholder)',
      float: 'left',
      height: 0,
      pointerEvents: 'none',
      color: tokens.colorNeutralForeground3,
    },
    '& ul, & ol': { margin: 0, paddingLeft: '24px' },
    '& blockquote': { margin: 0, paddingLeft: tokens.spacingHorizontalM, borderLeft: rule },
    '& code': {
      fontFamily: tokens.fontFamilyMonospace,
      fontSize: tokens.fontSizeBase200,
      backgroundColor: tokens.colorNeutralBackground5,
      borderRadius: tokens.borderRadiusSmall,
      padding: '0 3px',
    },
    '& pre': {
      margin: 0,
      padding: tokens.spacingHorizontalS,
      backgroundColor: tokens.colorNeutralBackground5,
      borderRadius: tokens.borderRadiusMedium,
      overflowX: 'auto',
    },
    '& pre code': { padding: 0, backgroundColor: 'transparent' },
    '& a': { color: tokens.colorBrandForegroundLink, textDecorationLine: 'underline' },
    '& table': { borderCollapse: 'collapse' },
    '& td, & th': { border: `1px solid ${tokens.colorNeutralStroke1}`, padding: '2px 6px', verticalAlign: 'top' },
    '& .ProseMirror-separator': { display: 'inline !important', width: '0 !important', height: '0 !important', border: 'none', margin: 0 },
    '& .ProseMirror-selectednode': { outlineStyle: 'none' },
    '& .ProseMirror-gapcursor': { borderTop: `1px solid ${tokens.colorNeutralForeground1}`, width: '20px' },
    '& .ProseMirror-hideselection *::selection': { backgroundColor: 'transparent' },
  },
})

export interface EditorProps {
  html: string
  /** Grows when html was replaced by other hands than the writer's. */
  edition: number
  label: string
  busy: boolean
  pictures: Pictures
  /** What the text already shows, by address: pasted again it need not be sent again. */
  isOwn: (address: string) => boolean
  /** Grows when the caret is wanted here. */
  focusWish: number
  onHTML: (html: string) => void
  onFiles: (files: File[]) => void
  onSubmit: () => void
  /** A slash at the beginning of a line asks for a macro. */
  onSlash?: () => void
  /** The row below the text, given the bar of buttons. */
  children: (toolbar: ReactNode) => ReactNode
}

/** The rich text editor. It is loaded when the first composer is shown. */
export function Editor(props: EditorProps) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const [linking, setLinking] = useState(false)
  // The editor is made once; what it calls is what was given last.
  const latest = useRef(props)
  const said = useRef(props.html)
  useEffect(() => {
    latest.current = props
  })

  const insert = (editor: TipTap, files: File[], at?: number) => {
    const nodes = files.map((file) => ({
      type: 'picture',
      attrs: { key: props.pictures.add(file.name || 'image.png', file) },
    }))
    const chain = editor.chain().focus()
    if (nodes.length === 0) return
    if (at !== undefined) chain.setTextSelection(at)
    chain.insertContent(nodes).run()
  }
  /** Puts pictures where the caret is and hands other files over. */
  const take = (editor: TipTap, files: File[], at?: number) => {
    insert(editor, files.filter(isPicture), at)
    const others = files.filter((file) => !isPicture(file))
    if (others.length > 0) latest.current.onFiles(others)
  }
  const takePicture: TakePicture = (image) => {
    const { pictures, isOwn } = latest.current
    const address = image.getAttribute('src') ?? ''
    if (/^data:image\/(png|jpeg|gif|webp);base64,/i.test(address)) return { key: pictures.add('image.png', fetched(address)) }
    const url = URL.canParse(address, location.href) ? new URL(address, location.href) : undefined
    if (url?.origin !== location.origin || !url.pathname.startsWith('/attachments/token/')) return undefined
    if (isOwn(url.pathname)) return { src: url.pathname + '?inline=1' }
    return { key: pictures.add(image.alt || 'image.png', fetched(url.href)) }
  }

  const editor = useEditor(
    {
      extensions: schemaOf({
        pictures: props.pictures,
        placeholder: props.label,
        onSubmit: () => latest.current.onSubmit(),
        onLink: () => setLinking(true),
      }),
      content: toEditor(props.html),
      injectCSS: false,
      shouldRerenderOnTransaction: false,
      editorProps: {
        attributes: { role: 'textbox', 'aria-multiline': 'true', 'aria-label': props.label },
        transformPastedHTML: (html) => {
          let leftOut = 0
          const clean = cleanPaste(html, (image) => {
            const taken = takePicture(image)
            if (!taken) leftOut++
            return taken
          })
          if (leftOut > 0) notify.told(t('editor.pictures_left_out', { count: leftOut }))
          return clean
        },
        clipboardTextParser: (text, context) => plainSlice(text, context),
        handleKeyDown: (view, event) => {
          // Whoever works by keys alone has to get out of the text: single keys act outside of it only.
          if (event.key === 'Escape' && !event.isComposing) view.dom.blur()
          const { $from, empty } = view.state.selection
          if (event.key !== '/' || event.isComposing || !empty || $from.parentOffset > 0 || !latest.current.onSlash) return false
          latest.current.onSlash()
          return true
        },
        handlePaste: (_, event) => {
          const { files } = event.clipboardData ?? { files: [] }
          // Excel and Word put a picture of the cells beside the cells.
          if (files.length === 0 || hasWords(event.clipboardData!.getData('text/html'), event.clipboardData!.getData('text/plain')))
            return false
          take(editor, [...files])
          return true
        },
        handleDrop: (view, event, _, moved) => {
          const files = [...(event.dataTransfer?.files ?? [])]
          if (moved || files.length === 0) return false
          event.preventDefault()
          take(editor, files, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos)
          return true
        },
      },
      onUpdate: ({ editor }) => {
        const html = fromEditor(editor.getHTML())
        if (html === said.current) return
        said.current = html
        latest.current.onHTML(html)
      },
    },
    [],
  )

  useFreshText(editor, props, said)
  useLock(editor, props.busy)
  useEffect(() => {
    // A page that was hidden for a moment comes back with a new editor; this runs again with that one.
    if (props.focusWish > 0 && !editor.isDestroyed) editor.commands.focus('end')
  }, [editor, props.focusWish])

  return (
    <>
      <EditorContent editor={editor} className={styles.text} />
      {props.children(
        <Toolbar editor={editor} linking={linking} onLinking={setLinking} onPictures={(files) => insert(editor, files)} />,
      )}
    </>
  )
}

/** Shows text that came from elsewhere: another window, an undo, a reply that was sent. */
function useFreshText(editor: TipTap, { html, edition }: EditorProps, said: { current: string }) {
  const first = useRef(edition)
  useEffect(() => {
    if (edition === first.current || editor.isDestroyed) return
    first.current = edition
    said.current = html
    editor.chain().setMeta('addToHistory', false).setContent(toEditor(html), { emitUpdate: false }).run()
  }, [editor, edition])
}

/** Holds the text still while it is submitted, and gives the caret back afterwards. */
function useLock(editor: TipTap, busy: boolean) {
  const hadFocus = useRef(false)
  useEffect(() => {
    if (editor.isDestroyed) return
    if (busy) {
      hadFocus.current = editor.isFocused
      editor.setEditable(false, false)
    } else if (!editor.isEditable) {
      editor.setEditable(true, false)
      if (hadFocus.current) editor.commands.focus()
    }
  }, [editor, busy])
}

/** Plain text as it was meant: empty lines part paragraphs, other line ends are line breaks. */
function plainSlice(text: string, context: ResolvedPos): Slice {
  const { schema } = context.doc.type
  if (context.parent.type.spec.code) return new Slice(Fragment.from(schema.text(text.replace(/\r\n?/g, '\n'))), 0, 0)
  const paragraphs = paragraphsOf(text).map((lines) => {
    const words: TextNode[] = []
    lines.forEach((line, i) => {
      if (i > 0) words.push(schema.nodes.hardBreak!.create())
      if (line) words.push(schema.text(line, context.marks()))
    })
    return schema.nodes.paragraph!.create(null, words)
  })
  return new Slice(Fragment.from(paragraphs), 1, 1)
}

/** Reads a picture that is in the page or on our own server. */
function fetched(address: string): () => Promise<File> {
  return async () => {
    const blob = await (address.startsWith('data:') ? ofData(address) : (await fetch(address)).blob())
    return new File([blob], `image.${blob.type.split('/')[1] ?? 'png'}`, { type: blob.type })
  }
}

/** The bytes of a data: address; the page's own policy does not let it be fetched. */
function ofData(address: string): Blob {
  const [head = '', data = ''] = address.split(',')
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
  return new Blob([bytes], { type: /^data:([^;]+)/.exec(head)?.[1] })
}
