// Between the editor's HTML and the HTML of a comment.

// Mail programs give an empty paragraph no height; a line break in it does.
const emptyLine = '<p><br></p>'

// An entry or a cell of one paragraph needs none: mail programs would put space around it.
const loneParagraph = /<(li|td|th)([^>]*)><p>((?:(?!<\/?p>).)*)<\/p>(?=<\/\1>|<[uo]l>)/gs

/** What the editor holds as the HTML of a comment: without empty lines at the end, and nothing for nothing. */
export const fromEditor = (html: string) =>
  html
    .replace(/(?:<p><\/p>)+$/, '')
    .replace(loneParagraph, '<$1$2>$3')
    .replaceAll('<p></p>', emptyLine)

/** The HTML of a comment as the editor reads it. */
export const toEditor = (html: string) => html.replace(/<p><br\s*\/?><\/p>/g, '<p></p>')

/** Text as HTML: empty lines part paragraphs, others lines. */
export function paragraphsOf(text: string): string[][] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+|\n+$/g, '')
    .split(/\n{2,}/)
    .map((paragraph) => paragraph.split('\n'))
}

/** The address that somebody means, or nothing when no link may lead there. */
export function linkOf(typed: string): string | undefined {
  const text = typed.trim()
  if (/^[^\s@:/]+@[^\s@/]+\.[^\s@/]+$/.test(text)) return `mailto:${text}`
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^:/]+:\d/.test(text) ? text : `https://${text}`
  if (!URL.canParse(whole)) return undefined
  const url = new URL(whole)
  if (url.protocol === 'mailto:') return whole
  return ['http:', 'https:'].includes(url.protocol) && /[.:]|^localhost$/.test(url.hostname) ? whole : undefined
}
