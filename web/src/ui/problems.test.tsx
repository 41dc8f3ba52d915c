// @vitest-environment happy-dom
import { FluentProvider, webLightTheme } from '@fluentui/react-components'
import i18next from 'i18next'
import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { initReactI18next } from 'react-i18next'
import { expect, test } from 'vitest'
import { Problem } from '../api/problem'
import ja from '../i18n/ja.json'
import { ProblemBar } from './problems'

test('in another language, a problem is said once, and what else is wrong in that language too', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  await i18next.use(initReactI18next).init({ lng: 'ja', resources: { ja: { translation: ja } } })
  const place = document.createElement('div')
  const problem = new Problem({
    code: 'email_taken',
    message: 'The address is in use.',
    fields: { email: 'The address is in use.', external_id: 'The id is in use.', phone: 'No number.' },
    faults: { email: 'email_taken', external_id: 'external_id_taken', phone: 'not_translated' },
  })
  act(() =>
    createRoot(place).render(
      <FluentProvider theme={webLightTheme}>
        <ProblemBar error={problem} />
      </FluentProvider>,
    ),
  )
  expect(place.textContent).toContain(ja.problem.email_taken.message)
  expect(place.textContent).toContain(ja.problem.external_id_taken.message)
  expect(place.textContent).not.toContain('in use')
  expect(place.textContent).toContain('No number.')
})
