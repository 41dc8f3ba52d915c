import { contoso } from '../support/contoso'
import { api } from '../support/desk'
import { fitsItsWidth, picture, settled } from '../support/pages'
import { expect, story } from '../support/story'

// Where there is little room: long names, and a browser at 200 %.

story('long names of teams and fields keep to the room there is', async ({ admin }) => {
  const long = 'Oberlandesgerichtsvollzieher'.repeat(3)
  const { group } = await api<{ group: { id: number } }>('POST', '/groups', { group: { name: long } })
  const { ticket_field } = await api<{ ticket_field: { id: number } }>('POST', '/ticket_fields', {
    ticket_field: { type: 'text', title: long, description: long },
  })
  const { view } = await api<{ view: { id: number } }>('POST', '/views', {
    view: { title: long, all: [{ field: 'status', operator: 'less_than', value: 'solved' }] },
  })
  for (const path of ['/admin/people', `/tickets?view=${view.id}`, '/tickets/new']) {
    await admin.goto(contoso.tandem + path)
    await settled(admin)
    await fitsItsWidth(admin)
  }
  const team = await admin.getByRole('combobox', { name: 'Team' }).boundingBox()
  const assignee = await admin.getByRole('combobox', { name: 'Assignee' }).boundingBox()
  expect(team!.x + team!.width).toBeLessThanOrEqual(assignee!.x)

  await api('DELETE', `/views/${view.id}`)
  await api('DELETE', `/ticket_fields/${ticket_field.id}`)
  await api('DELETE', `/groups/${group.id}`)
})

story('at 200 % a ticket can be read, and answered', async ({ visit }) => {
  const { ticket } = await api<{ ticket: { id: number } }>('POST', '/tickets', {
    ticket: { subject: 'Small letters', comment: { body: 'Can you read this?', public: false } },
  })
  const visitor = await visit({ width: 720, height: 450 })
  const page = await visitor.open(`/tickets/${ticket.id}`)
  const said = page.getByRole('log', { name: 'Conversation' })
  await said.getByText('Can you read this?').waitFor()
  await page.getByRole('button', { name: /^Submit as/ }).first().waitFor()
  await picture(page, 'light-ticket-200-percent')
  expect((await said.boundingBox())!.height).toBeGreaterThan(150)
  await page.getByRole('textbox', { name: 'Write a reply to the requester' }).fill('With glasses.')
  await page.getByRole('button', { name: /^Submit as/ }).first().click()
  await said.getByText('With glasses.').waitFor()
})
