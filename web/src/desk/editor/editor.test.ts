// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { cleanPaste, hasWords } from './paste'
import { fromEditor, linkOf, paragraphsOf, toEditor } from './words'

const none = () => undefined

test.each([
  ['contoso.example/manual', 'https://contoso.example/manual'],
  [' http://contoso.example ', 'http://contoso.example'],
  ['localhost:8080/x', 'https://localhost:8080/x'],
  ['kim@contoso.example', 'mailto:kim@contoso.example'],
  ['mailto:kim@contoso.example', 'mailto:kim@contoso.example'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['java\nscript:alert(1)', undefined],
  ['vbscript:x', undefined],
  ['file:///etc/passwd', undefined],
  ['words', undefined],
  ['', undefined],
])('a link may lead to %j: %j', (typed, href) => expect(linkOf(typed)).toBe(href))

test('nothing is nothing, and empty lines keep their height', () => {
  expect(fromEditor('<p></p>')).toBe('')
  expect(fromEditor('<p>a</p><p></p><p>b</p><p></p>')).toBe('<p>a</p><p><br></p><p>b</p>')
  expect(toEditor('<p>a</p><p><br/></p><p>b</p>')).toBe('<p>a</p><p></p><p>b</p>')
})

test('entries and cells of one paragraph lose its space', () => {
  expect(fromEditor('<ul><li><p>a</p><ul><li><p>b</p></li></ul></li><li><p>c</p><p>d</p></li></ul>')).toBe(
    '<ul><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ul>',
  )
  expect(fromEditor('<table><tbody><tr><td colspan="1"><p>x</p></td></tr></tbody></table>')).toContain('<td colspan="1">x</td>')
})

test('plain text keeps its lines and paragraphs', () => {
  expect(paragraphsOf('\na\r\nb\n\n\nc\n')).toEqual([['a', 'b'], ['c']])
})

test("Word's paragraphs with drawn bullets become lists", () => {
  const item = (level: number, bullet: string, words: string) =>
    `<p class=MsoListParagraph style='text-indent:-18pt;mso-list:l0 level${level} lfo1'><![if !supportLists]><span style='mso-list:Ignore'>${bullet}<span>&nbsp;</span></span><![endif]>${words}<o:p></o:p></p>`
  const html = cleanPaste(
    `<html><head><style>p{}</style></head><body><!--StartFragment--><p class=MsoNormal>Steps<o:p></o:p></p>${item(1, '1.', 'One')}${item(2, '·', 'Deep')}${item(1, '2.', 'Two')}<p class=MsoNormal>&nbsp;</p>${item(1, 'o', 'Apart')}<!--EndFragment--></body></html>`,
    none,
  )
  const page = new DOMParser().parseFromString(html, 'text/html')
  const lists = [...page.body.children].filter((one) => /^[OU]L$/.test(one.tagName))
  expect(lists.map((one) => [one.tagName, one.children.length])).toEqual([['OL', 2], ['UL', 1]])
  expect(lists[0]!.querySelector('li ul li')?.textContent?.trim()).toBe('Deep')
  expect(html).not.toMatch(/StartFragment|mso-list:Ignore|·/)
})

test('a line that Word broke within Japanese gets no blank', () => {
  expect(cleanPaste('<p>点検を\n  お願い\r\nします。Orbit\n8</p>', none)).toContain('点検をお願いします。Orbit\n8')
})

test('pictures are taken, told to be sent, or left out', () => {
  const html = cleanPaste('<p><img src="a"><img src="b" alt="B" onerror="x()"><img src="file:///c"></p>', (image) =>
    image.getAttribute('src') === 'a' ? { src: '/attachments/token/s/' } : image.getAttribute('src') === 'b' ? { key: 'k' } : undefined,
  )
  expect(html).toBe('<p><img src="/attachments/token/s/" alt=""><img data-waits="k" alt="B"></p>')
})

test('beside words a picture is not meant, alone it is', () => {
  expect(hasWords('<table><tr><td>1</td></tr></table>', '1')).toBe(true)
  expect(hasWords('<img src="https://elsewhere.example/x.png">', '')).toBe(false)
  expect(hasWords('', '')).toBe(false)
})
