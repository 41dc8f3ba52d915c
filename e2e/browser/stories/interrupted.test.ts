import type { Page } from 'playwright-core'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { picture } from '../support/pages'
import { expect, story } from '../support/story'
import { openContoso } from '../support/world'

// What is cut off in the middle: a session, the server.

const answerIn = (page: Page) => page.getByRole('region', { name: 'Answer' })
const textIn = (page: Page) => answerIn(page).getByRole('textbox', { name: 'Write a reply to the requester' })

story('a session that ends while somebody writes costs no word', async ({ visit }) => {
  const subject = 'The session ends'
  await microsoft.mail({ from: 'mika@customer.example', subject, text: 'Are you there?' })
  const visitor = await visit({ as: 'agent2@contoso.example' })
  const page = await visitor.open(`/tickets/${await ticketOf(subject)}`)
  await textIn(page).click()
  await page.keyboard.type('We are here')
  await visitor.context.clearCookies()
  await page.keyboard.type(', and we stay.')

  await page.getByRole('textbox', { name: 'Mail address' }).fill('agent2@contoso.example')
  await page.getByRole('textbox', { name: 'Password' }).fill('tandem-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: subject }).waitFor()
  await expect.poll(() => textIn(page).innerText()).toBe('We are here, and we stay.')
})

story('a server that dies under an answer says so, comes back, and the answer leaves once', async ({ visit }) => {
  const { tandem } = await openContoso()
  try {
    const { tickets } = await api<{ tickets: { id: number }[] }>('GET', '/tickets?status=open&per_page=1', undefined, tandem.url)
    const ticket = tickets[0]!.id
    const visitor = await visit({ at: tandem.url, forgive: /ERR_|Failed to fetch|NetworkError/ })
    const page = await visitor.open(`/tickets/${ticket}`)
    await textIn(page).fill('It will be with you on Friday.')
    await tandem.kill()
    await answerIn(page).getByRole('button', { name: 'Submit as open' }).click()
    await page.getByRole('alert').first().waitFor()
    await picture(page, 'light-server-gone')
    await tandem.run()
    await answerIn(page).getByRole('button', { name: 'Submit as open' }).click()
    const said = page.getByRole('article', { name: 'Reply by Alma Torres' }).filter({ hasText: 'on Friday' })
    await said.getByText(/^Sent/).waitFor()
    expect(await said.count()).toBe(1)
  } finally {
    await tandem.stop()
  }
})
