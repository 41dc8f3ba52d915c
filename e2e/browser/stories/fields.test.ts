import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, picture } from '../support/pages'
import { expect, story } from '../support/story'

interface CustomField {
  id: number
  title: string
}

/** Leaves the fields as other stories expect them. */
const remove = async (title: string) => {
  const { ticket_fields } = await api<{ ticket_fields: CustomField[] }>('GET', '/ticket_fields')
  for (const one of ticket_fields) if (one.title === title) await api('DELETE', `/ticket_fields/${one.id}`)
}

story('a field is made with its options, filled in at a ticket, and needed to solve it', async ({ admin, visit }) => {
  await remove('Urgency of the coffee')
  await admin.goto(`${contoso.tandem}/admin/fields`)
  await admin.getByRole('heading', { name: 'Fields' }).waitFor()
  await picture(admin, 'light-fields')
  expect(await barriers(admin)).toEqual([])
  await admin.getByRole('button', { name: 'Add a field' }).first().click()
  await admin.getByRole('combobox', { name: 'Type' }).selectOption('tagger')
  await admin.getByRole('textbox', { name: 'Title' }).fill('Urgency of the coffee')
  await admin.getByRole('textbox', { name: 'Name of option 1' }).fill('Can wait')
  await admin.getByRole('button', { name: 'Add an option' }).click()
  await admin.getByRole('textbox', { name: 'Name of option 2' }).fill('Can wait')
  await admin.getByRole('checkbox', { name: 'Needed to solve a ticket' }).check()
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByText('Another option has this value.').waitFor() // the slip is told, what was written stays
  await admin.getByRole('textbox', { name: 'Name of option 2' }).fill('Cannot wait')
  await picture(admin, 'light-field-editor')
  expect(await barriers(admin)).toEqual([])
  await admin.getByRole('button', { name: 'Save' }).click()

  // With the keyboard, it goes to the first place.
  const grip = admin.getByRole('button', { name: /^Move Urgency of the coffee/ })
  await grip.waitFor()
  for (let i = 0; i < 3; i++) await grip.press('ArrowUp')
  await expect.poll(() => grip.getAttribute('aria-label')).toContain('now place 1')

  const subject = 'The machine is silent'
  await microsoft.mail({ from: 'quiet@customer.example', name: 'Quentin Quiet', subject, text: 'No coffee comes.' })
  const ticket = await ticketOf(subject)
  const agent = await (await visit({ as: 'agent1@contoso.example' })).open(`/tickets/${ticket}`)
  const properties = agent.getByRole('complementary', { name: 'Properties' })
  const urgency = properties.getByRole('combobox', { name: 'Urgency of the coffee' })
  await urgency.waitFor()
  await properties.getByRole('combobox', { name: 'Status' }).selectOption('solved')
  await properties.getByText('Urgency of the coffee is needed to solve a ticket.').waitFor()
  await picture(agent, 'light-ticket-field-needed')
  expect(await barriers(agent)).toEqual([])
  await urgency.selectOption('Cannot wait')
  await properties.getByRole('button', { name: 'Remove the tag cannot_wait' }).waitFor()
  await properties.getByRole('combobox', { name: 'Status' }).selectOption('solved')
  await expect
    .poll(async () => (await api<{ ticket: { status: string } }>('GET', `/tickets/${ticket}`)).ticket.status)
    .toBe('solved')

  // Deleting names how many tickets have a value.
  await admin.getByRole('button', { name: 'More for Urgency of the coffee' }).click()
  await admin.getByRole('menuitem', { name: 'Delete' }).click()
  await admin.getByText(/^1 ticket has a value in it/).waitFor()
  await admin.getByRole('textbox').last().fill('Urgency of the coffee')
  await admin.getByRole('button', { name: 'Delete', exact: true }).click()
  await admin.getByRole('link', { name: 'Urgency of the coffee' }).waitFor({ state: 'detached' })
})
