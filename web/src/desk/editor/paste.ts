// What Word, Outlook, Excel and web pages put on the clipboard, brought down to
// what a reply can hold. The editor's schema drops the rest.

/** Decides about a picture: where the text finds it, a key while it is sent, or nothing. */
export type TakePicture = (image: HTMLImageElement) => { src: string } | { key: string } | undefined

/** Cleans a page from the clipboard. A document made by the parser loads nothing and runs nothing. */
export function cleanPaste(html: string, take: TakePicture): string {
  const page = new DOMParser().parseFromString(html, 'text/html')
  removeComments(page)
  page.querySelectorAll('style, script, title, meta, link, xml, [style*="mso-hide:all"]').forEach((one) => one.remove())
  officeLists(page)
  page.querySelectorAll('p').forEach((one) => {
    // Word writes an empty line as a paragraph with a blank that does not break.
    if (/^[\s\u00a0]*$/.test(one.textContent) && !one.querySelector('img')) one.replaceChildren()
  })
  joinLines(page)
  page.querySelectorAll('svg, math, iframe, object, embed, form, input, button, select, textarea').forEach((one) => one.remove())
  for (const image of page.querySelectorAll('img')) {
    const taken = take(image)
    if (!taken) {
      image.remove()
      continue
    }
    const fresh = page.createElement('img')
    if ('src' in taken) fresh.setAttribute('src', taken.src)
    else fresh.setAttribute('data-waits', taken.key)
    fresh.setAttribute('alt', image.alt)
    image.replaceWith(fresh)
  }
  return page.body.innerHTML
}

/** True when the page says more than one picture: then the text is meant, not the picture beside it. */
export function hasWords(html: string, text: string): boolean {
  if (text.trim() !== '') return true
  return html !== '' && new DOMParser().parseFromString(html, 'text/html').body.textContent.trim() !== ''
}

function removeComments(page: Document) {
  const walker = page.createTreeWalker(page, NodeFilter.SHOW_COMMENT)
  const found: Node[] = []
  while (walker.nextNode()) found.push(walker.currentNode)
  for (const comment of found) comment.parentNode?.removeChild(comment)
}

/**
 * Makes lists of what Word writes as paragraphs with a drawn bullet: their style
 * says "mso-list:l0 level2 lfo1", and the bullet stands in a span "mso-list:Ignore".
 */
function officeLists(page: Document) {
  let open: { level: number; list: HTMLElement }[] = []
  let last: Element | undefined
  for (const item of page.querySelectorAll<HTMLElement>('p')) {
    const level = Number(/mso-list:[^;]*\blevel(\d)/i.exec(item.getAttribute('style') ?? '')?.[1] ?? 0)
    if (!level) continue
    const bullet = item.querySelector('[style*="mso-list:Ignore" i]')
    const kind = /^\s*[\p{L}\p{N}]+[.)\]．）]/u.test(bullet?.textContent ?? '') ? 'ol' : 'ul'
    bullet?.remove()
    if (last === undefined || item.previousElementSibling !== last) open = []
    while (open.length > 0 && open.at(-1)!.level > level) open.pop()
    let deepest = open.at(-1)
    if (!deepest || deepest.level < level) {
      const list = page.createElement(kind)
      if (deepest) (deepest.list.lastElementChild ?? deepest.list).append(list)
      else item.before(list)
      deepest = { level, list }
      open.push(deepest)
    }
    const entry = page.createElement('li')
    const words = page.createElement('p')
    words.append(...item.childNodes)
    entry.append(words)
    deepest.list.append(entry)
    item.remove()
    last = open[0]!.list
  }
}

const wide = String.raw`[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]`
const brokenBetweenWide = new RegExp(`(${wide})[ \\t]*\\n[ \\t]*(?=${wide})`, 'g')

/**
 * Joins lines that were broken within Japanese or Chinese, where no blank
 * belongs: Word breaks its HTML after 80 characters, and HTML makes a blank of it.
 */
function joinLines(page: Document) {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const text = walker.currentNode as Text
    if (text.parentElement?.closest('pre')) continue
    const joined = text.data.replace(/\r\n?/g, '\n').replace(brokenBetweenWide, '$1')
    if (joined !== text.data) text.data = joined
  }
}
