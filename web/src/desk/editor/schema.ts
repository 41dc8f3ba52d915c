import { Extension, Node, type Extensions } from '@tiptap/core'
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table'
import { Placeholder } from '@tiptap/extensions'
import { ReactNodeViewRenderer } from '@tiptap/react'
import StarterKit from '@tiptap/starter-kit'
import type { Pictures } from '../pictures'
import { PictureView } from './PictureView'
import { linkOf } from './words'

/**
 * A picture in the text: shown from where it was uploaded to, or, while it is on
 * its way, from the key under which Pictures knows it.
 */
const PictureNode = Node.create<{ pictures?: Pictures }>({
  name: 'picture',
  inline: true,
  group: 'inline',
  draggable: true,
  addOptions: () => ({ pictures: undefined }),
  addAttributes: () => ({
    src: { default: null },
    alt: { default: '' },
    key: {
      default: null,
      parseHTML: (element) => element.getAttribute('data-waits'),
      renderHTML: ({ key }) => (key ? { 'data-waits': String(key) } : {}),
    },
  }),
  // Only our own: the picture of a foreign page would tell that page who reads the mail.
  parseHTML: () => [{ tag: 'img[src^="/attachments/token/"]' }, { tag: 'img[data-waits]' }],
  renderHTML: ({ HTMLAttributes }) => ['img', HTMLAttributes],
  addNodeView: () => ReactNodeViewRenderer(PictureView, { as: 'span' }),
})

/** Tables come from Excel. They are drawn with what every mail program knows, and Tab leaves them. */
const MailTable = Table.extend({
  renderHTML: () => ['table', { border: '1', cellpadding: '4', style: 'border-collapse:collapse' }, ['tbody', 0]],
  addKeyboardShortcuts() {
    const keys = { ...this.parent?.() }
    delete keys.Tab
    delete keys['Shift-Tab']
    return keys
  },
})

/** Everything that a reply can hold, and the keys that act on it. */
export function schemaOf(o: {
  pictures: Pictures
  placeholder: string
  onSubmit: () => void
  onLink: () => void
}): Extensions {
  return [
    StarterKit.configure({
      heading: false,
      horizontalRule: false,
      underline: false,
      link: {
        openOnClick: false,
        linkOnPaste: true,
        protocols: ['http', 'https', 'mailto'],
        defaultProtocol: 'https',
        isAllowedUri: (address) => linkOf(address) !== undefined,
        // In Japanese no blank ends an address: what follows it is no part of it.
        shouldAutoLink: (address) => /^[\x21-\x7e]+$/.test(address),
        HTMLAttributes: { target: null, rel: null, class: null },
      },
    }),
    MailTable,
    TableRow,
    TableHeader,
    TableCell,
    PictureNode.configure({ pictures: o.pictures }),
    Placeholder.configure({ placeholder: o.placeholder }),
    Extension.create({
      name: 'composerKeys',
      priority: 1000, // before the line break that Ctrl+Enter would be
      addKeyboardShortcuts: () => ({
        'Mod-Enter': () => (o.onSubmit(), true),
        'Mod-k': () => (o.onLink(), true),
      }),
    }),
  ]
}
