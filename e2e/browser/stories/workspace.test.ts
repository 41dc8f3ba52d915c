import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, picture } from '../support/pages'
import { expect, story } from '../support/story'

// What agents know of each other and of their work.

const open = async (subject: string) => {
  await microsoft.mail({ from: 'nina@customer.example', name: 'Nina Petit', subject, text: 'Please have a look.' })
  return ticketOf(subject)
}

story('two agents at one ticket see each other, and who is writing', async ({ admin, visit }) => {
  const ticket = await open('Two at one ticket')
  const visitor = await visit({ as: 'agent1@contoso.example' })
  const agent = await visitor.open(`/tickets/${ticket}`)
  await admin.goto(`${contoso.tandem}/tickets?view=all`)
  const row = admin.getByRole('row').filter({ hasText: 'Two at one ticket' })
  await row.getByRole('img', { name: 'Aiko Tanaka is looking at this ticket' }).waitFor()
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  await agent.getByText('Alma Torres is looking at this ticket').waitFor()
  await agent.getByRole('textbox', { name: 'Write a reply to the requester' }).click()
  await agent.keyboard.type('Dear Nina')
  await admin.getByText('Aiko Tanaka is writing a reply').waitFor()
  await picture(admin, 'light-collision')
  await agent.goto(`${contoso.tandem}/tickets`)
  await admin.getByText(/Aiko Tanaka is/).waitFor({ state: 'detached' })
})

story('a report counts what came, as bars and as a table, and leads to the tickets', async ({ admin }) => {
  await open('Counted in the report')
  await admin.goto(`${contoso.tandem}/reports?days=7`)
  const volume = admin.getByRole('figure', { name: 'Created and solved' })
  const today = volume.getByRole('link', { name: /Created/ }).last()
  expect(await today.getAttribute('href')).toContain('figure=created')
  await volume.getByRole('button', { name: 'As a table' }).click()
  await volume.getByRole('table').getByRole('columnheader', { name: 'Solved' }).waitFor()
  expect(await barriers(admin)).toEqual([])
  const file = admin.waitForEvent('download')
  await admin.getByRole('button', { name: 'Download CSV' }).click()
  expect((await file).suggestedFilename()).toMatch(/^tandem-.*\.csv$/)
  await admin.getByRole('combobox', { name: 'Compare by' }).selectOption('Brand')
  await admin.getByRole('table', { name: 'Compared' }).getByRole('button', { name: 'Contoso' }).click()
  await expect.poll(() => admin.url()).toContain('of=brand')
})

story('the bell tells an agent of a ticket that somebody gave them', async ({ visit }) => {
  const agent = await (await visit({ as: 'agent2@contoso.example' })).open('/tickets')
  await agent.getByRole('button', { name: /^Notifications/ }).waitFor()
  const ticket = await open('For the second agent')
  const { users } = await api<{ users: { id: number }[] }>('GET', '/users/search?query=agent2')
  await api('PUT', `/tickets/${ticket}`, { ticket: { assignee_id: users[0]!.id } })
  const bell = agent.getByRole('button', { name: 'Notifications, 1 unread' })
  await bell.click()
  await agent.getByRole('menuitem', { name: /Assigned to you.*For the second agent/ }).click()
  await agent.getByRole('heading', { name: 'For the second agent' }).waitFor()
  await agent.getByRole('button', { name: 'Notifications, 0 unread' }).waitFor()
})
