import type { Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'

// How tickets end, come back, go on in others, and what two people do to one at once.

const open = async (subject: string, from = 'nina@customer.example') => {
  await microsoft.mail({ from, name: 'Nina Petit', subject, text: `About ${subject}.` })
  return ticketOf(subject)
}
const show = async (page: Page, ticket: number) => {
  await page.goto(`${contoso.tandem}/tickets/${ticket}`)
  await page.getByRole('button', { name: 'More actions for this ticket' }).waitFor()
}
const choose = async (page: Page, action: string) => {
  await page.getByRole('button', { name: 'More actions for this ticket' }).click()
  await page.getByRole('menuitem', { name: action }).click()
}

story('a merge shows both conversations first, and the closed ticket leads on', async ({ admin }) => {
  const source = await open('Printer is broken')
  const target = await open('Printer still broken')
  await show(admin, source)
  await choose(admin, 'Merge…')
  await admin.getByRole('dialog').getByRole('button', { name: 'Printer still broken' }).click()
  await admin.getByRole('region', { name: `Ticket ${source} is closed` }).getByText('About Printer is broken.').waitFor()
  await admin.getByRole('region', { name: `Ticket ${target} goes on` }).getByText('About Printer still broken.').waitFor()
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'light-merge')
  await admin.getByRole('button', { name: 'Merge', exact: true }).click()
  await expect.poll(() => admin.url()).toContain(`/tickets/${target}`)
  await show(admin, source)
  await admin.getByRole('button', { name: `Go to ticket ${target}` }).waitFor()
})

story('spam suspends its sender and can be undone; what is deleted can be restored', async ({ admin }) => {
  const spam = await open('Win a prize', 'bad@prizes.example')
  await show(admin, spam)
  await choose(admin, 'Mark as spam…')
  await admin.getByRole('alertdialog').getByText('bad@prizes.example').waitFor()
  await picture(admin, 'light-spam')
  await admin.getByRole('button', { name: 'Mark as spam' }).click()
  await admin.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => admin.url()).toContain(`/tickets/${spam}`)
  await admin.getByRole('heading', { name: 'Win a prize' }).waitFor()

  await choose(admin, 'Delete')
  await admin.getByText(`Ticket ${spam} was deleted.`).waitFor()
  await admin.goto(`${contoso.tandem}/tickets/deleted`)
  const row = admin.getByRole('row').filter({ hasText: 'Win a prize' })
  await row.getByRole('checkbox').click()
  await picture(admin, 'light-deleted-tickets')
  await admin.getByRole('button', { name: 'Restore' }).click()
  await admin.getByText('1 ticket was restored.').first().waitFor()
  await show(admin, spam)
})

story('a change that somebody else overtook is shown beside theirs, and what is written stays', async ({ admin }) => {
  const ticket = await open('Who was first')
  await show(admin, ticket)
  await admin.getByRole('textbox', { name: 'Write a reply to the requester' }).click()
  await admin.keyboard.type('It is on its way.')
  // The page does not hear of the other change before it sends its own.
  await admin.route(`**/api/v2/tickets/${ticket}?**`, (route) =>
    route.request().method() === 'GET' && !sent ? undefined : route.continue(),
  )
  let sent = false
  await api('PUT', `/tickets/${ticket}`, { ticket: { status: 'pending', priority: 'high' } })
  sent = true
  await admin.getByRole('button', { name: 'Submit with another status' }).click()
  await admin.getByRole('menuitem', { name: 'Submit as solved' }).click()
  const dialog = admin.getByRole('alertdialog', { name: `Ticket ${ticket} was changed meanwhile` })
  await dialog.getByRole('row', { name: /Status/ }).getByText('Pending').waitFor()
  await dialog.getByRole('row', { name: /Priority/ }).getByText('High').waitFor()
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'light-conflict')
  await dialog.getByRole('button', { name: 'Merge' }).click()
  await admin.getByText('It is on its way.').first().waitFor()
  await expect
    .poll(async () => (await api<{ ticket: { status: string; priority: string } }>('GET', `/tickets/${ticket}`)).ticket)
    .toMatchObject({ status: 'pending', priority: 'high' })
})

story('a closed ticket is followed up by another one', async ({ admin }) => {
  const ticket = await open('Closed for good')
  await api('PUT', `/tickets/${ticket}`, { ticket: { status: 'closed' } })
  await show(admin, ticket)
  await admin.getByRole('button', { name: 'Create follow-up' }).click()
  await expect.poll(() => admin.url()).toContain(`follow_up=${ticket}`)
})

story('the properties of a ticket fit a phone', async ({ admin }) => {
  const ticket = await open('On a phone')
  await admin.setViewportSize({ width: 400, height: 800 })
  await admin.goto(`${contoso.tandem}/tickets/${ticket}?pane=properties`)
  await admin.getByRole('combobox', { name: 'Type' }).selectOption('task')
  await admin.getByLabel('Due').waitFor()
  await fitsItsWidth(admin)
  await picture(admin, 'light-narrow-properties')
})

story('two who set the same property are asked; who set another one is not', async ({ admin }) => {
  const ticket = await open('Whose priority')
  await show(admin, ticket)
  const priority = admin.getByRole('combobox', { name: 'Priority' })
  await priority.waitFor()
  // The page does not hear of the other change before it sends its own.
  let deaf = true
  await admin.route(`**/api/v2/tickets/${ticket}?**`, (route) =>
    route.request().method() === 'GET' && deaf ? undefined : route.continue(),
  )
  await api('PUT', `/tickets/${ticket}`, { ticket: { status: 'pending', priority: 'high' } })
  deaf = false
  await priority.selectOption('low')
  const dialog = admin.getByRole('alertdialog', { name: `Ticket ${ticket} was changed meanwhile` })
  await dialog.getByRole('row', { name: /Priority/ }).getByText('High').waitFor()
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'light-conflict-property')
  await dialog.getByRole('button', { name: 'Keep mine' }).click()
  const now = async () =>
    (await api<{ ticket: { status: string; priority: string; type: string } }>('GET', `/tickets/${ticket}`)).ticket
  await expect.poll(now).toMatchObject({ status: 'pending', priority: 'low' })
  await expect.poll(() => priority.inputValue()).toBe('low')

  deaf = true
  await api('PUT', `/tickets/${ticket}`, { ticket: { status: 'open' } })
  deaf = false
  await admin.getByRole('combobox', { name: 'Type' }).selectOption('question')
  await expect.poll(now).toMatchObject({ status: 'open', priority: 'low', type: 'question' })
  expect(await dialog.count()).toBe(0)
})

story('the problem behind an incident is found by its words, and a new ticket has followers', async ({ admin }) => {
  const problem = await open('The whole coffee machine is down')
  await api('PUT', `/tickets/${problem}`, { ticket: { type: 'problem' } })
  const incident = await open('No coffee this morning')
  await show(admin, incident)
  await admin.getByRole('combobox', { name: 'Type' }).selectOption('incident')
  const finder = admin.getByRole('combobox', { name: 'Problem' })
  await finder.click()
  await finder.pressSequentially('coffee mach')
  await admin.getByRole('option', { name: /coffee machine is down/ }).waitFor()
  await picture(admin, 'light-problem-found')
  await admin.getByRole('option', { name: /coffee machine is down/ }).click()
  await admin.getByRole('link', { name: `#${problem} The whole coffee machine is down` }).waitFor()
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'light-incident')

  await admin.goto(`${contoso.tandem}/tickets/new`)
  await admin.getByLabel('Requester').first().fill('nina@customer.example')
  await admin.getByRole('textbox', { name: 'Subject' }).fill('Told to colleagues')
  await admin.getByRole('combobox', { name: 'Followers' }).click()
  await admin.getByRole('option', { name: 'Aiko Tanaka' }).click()
  await admin.getByRole('button', { name: 'Follow', exact: true }).click()
  await admin.getByRole('textbox', { name: 'Write to the requester' }).click()
  await admin.keyboard.type('Please watch this.')
  await picture(admin, 'light-new-ticket-followers')
  await admin.getByRole('button', { name: 'Submit as pending' }).click()
  const made = await ticketOf('Told to colleagues')
  const { ticket } = await api<{ ticket: { follower_ids: number[] } }>('GET', `/tickets/${made}`)
  expect(ticket.follower_ids).toHaveLength(2)
})
