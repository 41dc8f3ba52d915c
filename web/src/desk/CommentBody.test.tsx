// @vitest-environment happy-dom
import { FluentProvider, webLightTheme } from '@fluentui/react-components'
import i18next from 'i18next'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { initReactI18next } from 'react-i18next'
import { beforeAll, expect, test } from 'vitest'
import type { Comment } from '../api/types'
import en from '../i18n/en.json'
import { CommentBody } from './CommentBody'

beforeAll(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { translation: en } } })
})

function show(comment: Partial<Comment>): HTMLElement {
  // Outside the document, so that its frames load nothing.
  const place = document.createElement('div')
  const whole = {
    id: 9,
    ticket_id: 4,
    quoted_html: null,
    has_remote_images: false,
    plain_body: '',
    html_body: '',
    ...comment,
  }
  act(() =>
    createRoot(place).render(
      <FluentProvider theme={webLightTheme}>
        <CommentBody comment={whole as Comment} author="Zoe" />
      </FluentProvider>,
    ),
  )
  return place
}

const press = (place: HTMLElement, name: string) =>
  act(() =>
    [...place.querySelectorAll('button')]
      .find((b) => (b.getAttribute('aria-label') ?? b.textContent) === name)!
      .click(),
  )

test('HTML mail is shown in a frame that runs no script and loads no remote image', () => {
  const place = show({ html_body: '<table><tr><td>hi</td></tr></table>', has_remote_images: true })
  const frame = place.querySelector('iframe')!
  expect(frame.getAttribute('sandbox')!.split(' ')).not.toContain('allow-scripts')
  expect(frame.getAttribute('src')).toContain('/tickets/4/comments/9/frame?images=false')
  press(place, 'Show images')
  expect(place.querySelector('iframe')!.getAttribute('src')).toContain('images=true')
})

test('text is shown as text, even when it looks like HTML', () => {
  const place = show({
    html_body: '<p>&lt;img src=x onerror=alert(1)&gt;</p>',
    plain_body: '<img src=x onerror=alert(1)>',
  })
  expect(place.querySelector('iframe, img')).toBeNull()
  expect(place.textContent).toContain('<img src=x onerror=alert(1)>')
})

test('quoted history is folded until somebody unfolds it', () => {
  const place = show({ html_body: '<p>yes</p>', plain_body: 'yes', quoted_html: '<blockquote>before</blockquote>' })
  expect(place.querySelector('iframe')).toBeNull()
  press(place, 'Show quoted text')
  expect(place.querySelector('iframe')!.getAttribute('src')).toContain('quoted=true')
})
