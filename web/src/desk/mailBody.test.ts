import { expect, test } from 'vitest'
import { hasOwnColors, isPlain, splitLinks } from './mailBody'

test('paragraphs alone are shown as text, all other HTML in the frame', () => {
  expect(isPlain('<p>Hello</p><p>line<br>line<br/></p>')).toBe(true)
  expect(isPlain('a &lt; b')).toBe(true)
  for (const html of [
    '<table></table>',
    '<p style="color:red">x</p>',
    '<img src="cid:1">',
    '<a href="x">x</a>',
    '<pre>x</pre>',
  ]) {
    expect(isPlain(html), html).toBe(false)
  }
})

test('mail with colours of its own is told apart, for it needs a light ground', () => {
  expect(hasOwnColors('<span style="color:#000">x</span>')).toBe(true)
  expect(hasOwnColors('<table bgcolor="#fff"></table>')).toBe(true)
  expect(hasOwnColors('<p style="margin:0">The color is red</p>')).toBe(false)
})

test('web addresses become links, without the sentence around them', () => {
  expect(splitLinks('See https://contoso.example/a?b=1. Thanks')).toEqual([
    { text: 'See ' },
    { text: 'https://contoso.example/a?b=1', href: 'https://contoso.example/a?b=1' },
    { text: '. Thanks' },
  ])
  expect(splitLinks('詳細は（https://contoso.example/返品）をご覧ください。')[1]?.href).toBe(
    'https://contoso.example/返品',
  )
})

test('nothing but http addresses becomes a link', () => {
  expect(splitLinks('javascript:alert(1) data:text/html,x')).toEqual([{ text: 'javascript:alert(1) data:text/html,x' }])
})
