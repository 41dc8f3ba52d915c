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

story('an import goes on while its page cannot reach the server, and the page with it', async ({ visit }) => {
  const visitor = await visit({ forgive: /ERR_|job_statuses/ })
  const page = await visitor.open('/admin/people/import')
  const buffer = Buffer.from('name,email\nTuva Lind,tuva@interrupted.example\nOtto Lind,otto@interrupted.example\n')
  await page.getByLabel('CSV file').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer })
  await page.getByRole('button', { name: 'Import 2 lines' }).waitFor()
  let asked = 0
  await page.route('**/job_statuses/**', async (route) => {
    asked++
    // It is at work as the page first asks; then nobody answers for a while.
    if (asked > 3) return route.continue()
    if (asked > 1) return route.abort('connectionrefused')
    const answer = await route.fetch()
    const { job_status } = (await answer.json()) as { job_status: object }
    await route.fulfill({ json: { job_status: { ...job_status, status: 'working' } } })
  })
  await page.getByRole('button', { name: 'Import 2 lines' }).click()
  await page.getByText('2 of 2 lines are imported.').waitFor()
  expect(asked).toBeGreaterThan(3)
  expect(await page.getByText('Tandem cannot be reached').count()).toBe(0)
})

story('who signs out is signed out in every tab of the browser', async ({ visit }) => {
  const subject = 'The other tab'
  await microsoft.mail({ from: 'mika@customer.example', subject, text: 'Still there?' })
  const visitor = await visit({ as: 'agent3@contoso.example' })
  const other = await visitor.open(`/tickets/${await ticketOf(subject)}`)
  await other.getByRole('heading', { name: subject }).waitFor()
  const page = await visitor.open('/tickets')
  await page.getByRole('button', { name: /^Profile of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await other.getByRole('button', { name: 'Sign in' }).waitFor()
  expect(await other.getByText(subject).count()).toBe(0)
})
