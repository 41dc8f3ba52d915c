import type { Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

// Two people on one ticket, and one person who clicks twice.

const open = async (subject: string) => {
  await microsoft.mail({ from: 'nina@customer.example', name: 'Nina Petit', subject, text: 'Please have a look.' })
  return ticketOf(subject)
}
const answerIn = (page: Page) => page.getByRole('region', { name: 'Answer' })
const textIn = (page: Page) => answerIn(page).getByRole('textbox', { name: 'Write a reply to the requester' })

story('what one agent changes, another sees at once', async ({ admin, visit }) => {
  const ticket = await open('Two pairs of eyes')
  const agent = await (await visit({ as: 'agent1@contoso.example' })).open(`/tickets/${ticket}`)
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)

  await agent.getByRole('combobox', { name: 'Priority' }).selectOption('High')
  await agent.getByRole('button', { name: 'Take it' }).click()
  await expect.poll(() => admin.getByRole('combobox', { name: 'Priority' }).inputValue()).toBe('high')
  await expect.poll(() => admin.getByRole('combobox', { name: 'Assignee' }).inputValue()).toBe('Aiko Tanaka')

  await answerIn(agent).getByRole('button', { name: 'Internal note' }).click()
  await agent.getByRole('textbox', { name: 'Write an internal note' }).fill('I know this customer.')
  await agent.getByRole('textbox', { name: 'Write an internal note' }).press('Control+Enter')
  const note = admin.getByRole('article', { name: 'Internal note by Aiko Tanaka' })
  await note.getByText('I know this customer.').waitFor()
  expect(await microsoft.outbox('Re: Two pairs of eyes')).toEqual([])
})

story('an answer to an outdated ticket waits until its writer has seen what is new', async ({ visit }) => {
  const subject = 'Overtaken on the way'
  const first = await microsoft.mail({ from: 'nina@customer.example', name: 'Nina Petit', subject, text: 'It leaks.' })
  const ticket = await ticketOf(subject)
  // A page that hears of nothing by itself.
  const visitor = await visit({ forgive: /api.v2.events/ })
  await visitor.context.route('**/api/v2/events', (route) => route.abort())
  const page = await visitor.open(`/tickets/${ticket}`)
  await textIn(page).fill('We send somebody.')
  await page.getByText('Not live').waitFor()

  await microsoft.mail({ from: 'nina@customer.example', subject: `Re: ${subject}`, text: 'No need, it stopped.', inReplyTo: first })
  const comments = async () => (await api<{ ticket: { comment_count: number } }>('GET', `/tickets/${ticket}`)).ticket.comment_count
  await expect.poll(comments).toBe(2)
  await answerIn(page).getByRole('button', { name: 'Submit as open' }).click()
  await answerIn(page).getByRole('alert').getByText('Nina Petit replied on').waitFor()
  await page.getByRole('log').getByText('No need, it stopped.').waitFor()
  expect(await textIn(page).innerText()).toBe('We send somebody.')
  expect(await comments()).toBe(2)

  await textIn(page).fill('Good to hear.')
  await answerIn(page).getByRole('button', { name: 'Submit as open' }).click()
  await page.getByRole('article', { name: 'Reply by Alma Torres' }).getByText('Good to hear.').waitFor()
})

story('a click too many sends one reply', async ({ admin }) => {
  const ticket = await open('Twice is once too often')
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  await textIn(admin).fill('Done.')
  await answerIn(admin).getByRole('button', { name: 'Submit as open' }).dblclick()
  const said = admin.getByRole('article', { name: 'Reply by Alma Torres' })
  await said.getByText(/^Sent/).waitFor()
  expect(await said.count()).toBe(1)
  expect(await microsoft.outbox('Re: Twice is once too often')).toHaveLength(1)
})

story('a click too many on Undo undoes once', async ({ admin }) => {
  const ticket = await open('Gone and back')
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  await admin.getByRole('button', { name: 'More actions for this ticket' }).click()
  await admin.getByRole('menuitem', { name: 'Delete' }).click()
  await admin.getByRole('button', { name: 'Undo' }).dblclick()
  await admin.getByRole('heading', { name: 'Gone and back' }).waitFor()
  expect(await admin.getByText('is not among the deleted ones').count()).toBe(0)
})

story('what was written survives a reload, for each ticket its own', async ({ admin }) => {
  const first = await open('A long answer')
  const second = await open('A short answer')
  await admin.goto(`${contoso.tandem}/tickets/${first}`)
  await textIn(admin).fill('Let me explain at length')
  await admin.goto(`${contoso.tandem}/tickets/${second}`)
  expect((await textIn(admin).innerText()).trim()).toBe('')
  await admin.goto(`${contoso.tandem}/tickets/${first}`)
  await admin.reload()
  await expect.poll(() => textIn(admin).innerText()).toBe('Let me explain at length')
})
