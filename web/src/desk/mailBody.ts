// How the body of a comment is shown: as text in the page when it is nothing
// but text, in a sandboxed frame when it is HTML.

/** True when the fragment has nothing but paragraphs and line breaks. */
export function isPlain(html: string): boolean {
  return !/<(?!\/?(?:p|br|div)\s*\/?>)/i.test(html)
}

/** True when the mail brings colours of its own, which were chosen for white paper. */
export function hasOwnColors(html: string): boolean {
  return /\b(?:bgcolor|color|background(?:-color)?)\s*[=:]/i.test(html)
}

/** Splits text into what is and what is not a web address. */
export function splitLinks(text: string): { text: string; href?: string }[] {
  const parts: { text: string; href?: string }[] = []
  let from = 0
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'）」』]+/g)) {
    // A full stop or bracket after an address belongs to the sentence.
    const link = found[0].replace(/[.,;:!?)\]、。]+$/, '')
    if (found.index > from) parts.push({ text: text.slice(from, found.index) })
    parts.push({ text: link, href: link })
    from = found.index + link.length
  }
  if (from < text.length) parts.push({ text: text.slice(from) })
  return parts
}
