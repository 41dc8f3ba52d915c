import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'

interface Named {
  id: number
  title: string
}

/** Leaves views and fields as other stories expect them. */
async function tidy() {
  const { views } = await api<{ views: Named[] }>('GET', '/views')
  for (const { id, title } of views) if (title === 'Grinders') await api('DELETE', `/views/${id}`)
  const { ticket_fields } = await api<{ ticket_fields: Named[] }>('GET', '/ticket_fields')
  for (const { id, title } of ticket_fields) if (title === 'Machine') await api('DELETE', `/ticket_fields/${id}`)
}

async function machineField(): Promise<number> {
  const { ticket_field } = await api<{ ticket_field: Named }>('POST', '/ticket_fields', {
    ticket_field: {
      type: 'tagger',
      title: 'Machine',
      custom_field_options: [
        { name: 'Press', value: 'a_press' },
        { name: 'Grinder', value: 'a_grinder' },
      ],
    },
  })
  return ticket_field.id
}

/** A mail that became a ticket about a machine. */
async function mailAbout(subject: string, field: number, value: string) {
  await microsoft.mail({ from: `${value}@customer.example`, name: 'Gregor Grind', subject, text: 'It stands still.' })
  const id = await ticketOf(subject)
  await api('PUT', `/tickets/${id}`, { ticket: { custom_fields: [{ id: field, value }] } })
  return id
}

story('a view asks a custom field, its count follows what happens, and an agent makes it their own', async ({ admin, visit }) => {
  await tidy()
  const field = await machineField()
  await mailAbout('The first grinder', field, 'a_grinder')

  await admin.goto(`${contoso.tandem}/admin/views/new`)
  await admin.getByRole('textbox', { name: 'Title' }).fill('Grinders')
  const all = admin.getByRole('group', { name: 'All of these conditions are met' })
  await all.getByRole('button', { name: 'Add condition' }).click()
  const second = all.getByRole('group', { name: 'Line 2' })
  await second.getByRole('combobox', { name: 'What is looked at' }).selectOption({ label: 'Machine' })
  await second.getByRole('combobox', { name: 'Comparison' }).selectOption('present')
  await admin.getByRole('combobox', { name: 'Add a column' }).selectOption({ label: 'Machine' })
  await admin.getByRole('combobox', { name: 'Group by' }).selectOption({ label: 'Machine' })
  await admin.getByRole('combobox', { name: 'Sort by' }).selectOption('created')
  await admin.getByRole('region', { name: 'Preview' }).getByText('The first grinder').waitFor()
  await picture(admin, 'light-view-editor-field')
  expect(await barriers(admin)).toEqual([])
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByRole('link', { name: 'Grinders' }).waitFor()

  const agent = await (await visit({ as: 'agent1@contoso.example' })).open('/tickets')
  const rail = agent.getByRole('navigation', { name: 'Views' })
  const place = rail.getByRole('link', { name: /^Grinders/ })
  await place.click()
  await agent.getByRole('columnheader', { name: 'Machine' }).waitFor()
  await agent.getByRole('cell', { name: 'Grinder', exact: true }).waitFor()
  await expect.poll(() => place.innerText(), { timeout: 10_000 }).toMatch(/Grinders\s*1/)

  await mailAbout('A press as well', field, 'a_press')
  await expect.poll(() => place.innerText(), { timeout: 15_000 }).toMatch(/Grinders\s*2/)
  await agent.reload()
  await agent.getByRole('cell', { name: 'Press', exact: true }).waitFor()
  await picture(agent, 'light-view-groups')
  expect(await barriers(agent)).toEqual([])
  await agent.getByRole('columnheader', { name: 'Machine' }).getByRole('button').click()
  await expect.poll(() => new URL(agent.url()).searchParams.get('sort')).toContain(`custom_fields_${field}`)

  await agent.getByRole('button', { name: 'Copy this view as your own' }).click()
  await agent.getByRole('textbox', { name: 'Title' }).fill('My grinders')
  await agent.getByRole('button', { name: 'Save' }).click()
  await rail.getByRole('link', { name: /^My grinders/ }).waitFor()

  // The field goes: the view rests and says which one it was.
  await api('DELETE', `/ticket_fields/${field}`)
  await agent.goto(`${contoso.tandem}/tickets`)
  await rail.getByRole('link', { name: /^Grinders/ }).click()
  await agent.getByText('The field “Machine” was deleted. Remove what names it.').first().waitFor()
  await picture(agent, 'light-view-broken-field')
  expect(await barriers(agent)).toEqual([])
  await agent.getByRole('link', { name: /^My grinders/ }).click()
  await agent.getByRole('button', { name: 'Edit the view' }).click()
  await agent.getByRole('button', { name: 'Delete' }).click()
  await rail.getByRole('link', { name: /^My grinders/ }).waitFor({ state: 'detached' })
  await tidy()
})

story('the editor of views stands in the dark, in Japanese and on a narrow screen', async ({ visit }) => {
  const dark = await (await visit({ theme: 'dark', language: 'ja' })).open('/admin/views/new')
  await dark.getByRole('textbox').first().waitFor()
  await picture(dark, 'dark-view-editor-ja')
  expect(await barriers(dark)).toEqual([])
  const narrow = await (await visit({ width: 400, height: 800 })).open('/admin/views/new')
  await narrow.getByRole('textbox', { name: 'Title' }).waitFor()
  await fitsItsWidth(narrow)
  await picture(narrow, 'narrow-view-editor')
})

story('a page past the end of a list leads to its last one', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/tickets?view=all&page=99`)
  await admin.getByRole('main').getByRole('table').getByRole('link').first().waitFor()
  expect(new URL(admin.url()).searchParams.get('page')).not.toBe('99')
})
