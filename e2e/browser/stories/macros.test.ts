import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, picture } from '../support/pages'
import { expect, story } from '../support/story'

const title = 'Descale::Ask for the water'

/** Leaves the macros as other stories expect them. */
async function tidy() {
  const { macros } = await api<{ macros: { id: number; title: string }[] }>('GET', '/macros')
  for (const one of macros) if (one.title === title) await api('DELETE', `/macros/${one.id}`)
}

story('a macro is written, shows what it would do, and begins the answer after a slash', async ({ admin, visit }) => {
  await tidy()
  await admin.goto(`${contoso.tandem}/admin/macros/new`)
  await admin.getByRole('textbox', { name: 'Title' }).fill(title)
  const steps = admin.getByRole('group', { name: 'Do this' })
  await steps.getByRole('button', { name: 'Add action' }).click()
  const first = steps.getByRole('group', { name: 'Line 1' })
  await first.getByRole('combobox', { name: 'Action' }).selectOption('comment_value')
  await first.getByRole('textbox', { name: 'Value' }).fill('Dear {{ticket.requester.first_nme}}, how hard is your water?')
  await steps.getByRole('button', { name: 'Add action' }).click()
  const second = steps.getByRole('group', { name: 'Line 2' })
  await second.getByRole('combobox', { name: 'Action' }).selectOption('priority')
  await second.getByRole('combobox', { name: 'Value' }).selectOption('high')
  await admin.getByRole('button', { name: 'Save' }).click()
  await first.getByText('A placeholder in it does not exist.').waitFor() // the slip is told, what was written stays
  await first.getByRole('textbox', { name: 'Value' }).fill('Dear {{ticket.requester.first_name}}, how hard is your water?')
  await picture(admin, 'light-macro-editor')
  expect(await barriers(admin)).toEqual([])
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByRole('link', { name: title.replace('::', ' › ') }).waitFor()

  const subject = 'White flakes in the coffee'
  await microsoft.mail({ from: 'chalk@customer.example', name: 'Clara Chalk', subject, text: 'Is this healthy?' })
  const ticket = await ticketOf(subject)
  const agent = await (await visit({ as: 'agent1@contoso.example' })).open(`/tickets/${ticket}`)
  const writing = agent.locator('[contenteditable=true]').first()
  await writing.click()
  await writing.press('/')
  const picker = agent.getByRole('dialog', { name: 'Apply macro' })
  await picker.getByRole('combobox', { name: 'Find a macro' }).fill('water')
  await picker.getByText('Dear Clara, how hard is your water?').waitFor()
  await picture(agent, 'light-macro-picker')
  expect(await barriers(agent)).toEqual([])
  await agent.keyboard.press('Enter')
  await expect.poll(() => writing.innerText()).toContain('Dear Clara, how hard is your water?')
  await picture(agent, 'light-macro-applied')
  await tidy()
})
