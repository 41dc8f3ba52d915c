import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, picture } from '../support/pages'
import { expect, story } from '../support/story'

interface Trigger {
  id: number
  title: string
}

const triggers = async () => (await api<{ triggers: Trigger[] }>('GET', '/triggers')).triggers

/** Leaves the triggers as other stories expect them. */
const remove = async (title: string) => {
  for (const one of await triggers()) if (one.title === title) await api('DELETE', `/triggers/${one.id}`)
}

const switchTo = async (title: string, active: boolean) => {
  const one = (await triggers()).find((other) => other.title === title)!
  await api('PUT', `/triggers/${one.id}`, { trigger: { active } })
}

story('a trigger is made, tags what comes, and the requester is answered by itself', async ({ admin }) => {
  await remove('Leaks first')
  await switchTo('Auto-answer on creation', false)
  await admin.goto(`${contoso.tandem}/admin/triggers`)
  await admin.getByRole('button', { name: 'Add trigger' }).click()
  await admin.getByRole('textbox', { name: 'Title' }).fill('Leaks first')
  const all = admin.getByRole('group', { name: 'All of these conditions are met' })
  await all.getByRole('button', { name: 'Add condition' }).click()
  await all.getByRole('combobox', { name: 'What is looked at' }).selectOption('subject_includes_word')
  await all.getByRole('textbox', { name: 'Value' }).fill('leak 水漏れ')
  const then = admin.getByRole('group', { name: 'Then do this' })
  await then.getByRole('button', { name: 'Add action' }).click()
  await then.getByRole('combobox', { name: 'Action' }).selectOption('current_tags')
  await then.getByRole('textbox', { name: 'Value' }).fill('leak')
  await then.getByRole('button', { name: 'Add action' }).click()
  const second = then.getByRole('group', { name: 'Line 2' })
  await second.getByRole('combobox', { name: 'Action' }).selectOption('notification_address')
  await second.getByRole('textbox', { name: 'To' }).fill('chief@partner.example')
  await second.getByRole('textbox', { name: 'Subject' }).fill('Leak: {{ticket.title}}')
  await second.getByRole('textbox', { name: 'Text' }).fill('See {{ticket.lnk}}')
  await picture(admin, 'light-trigger-editor')
  expect(await barriers(admin)).toEqual([])

  // A slip is told at its box, and what was written stays.
  await admin.getByRole('button', { name: 'Save' }).click()
  await second.getByText('A placeholder in it does not exist.').waitFor()
  await second.getByRole('textbox', { name: 'Text' }).fill('See ')
  await second.getByRole('button', { name: 'Insert placeholder' }).click()
  await admin.getByRole('menuitem', { name: '{{ticket.link}}' }).click()
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByRole('switch', { name: 'Auto-answer on creation is on' }).click()
  await expect.poll(() => admin.getByRole('switch', { name: 'Auto-answer on creation is on' }).isChecked()).toBe(true)

  const subject = 'A leak below the machine'
  await microsoft.mail({ from: 'wet@customer.example', name: 'Wanda Wet', subject, text: 'Everything is wet.' })
  const ticket = await ticketOf(subject)
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  await admin.getByRole('button', { name: 'Remove the tag leak' }).waitFor()
  const happened = admin.getByRole('complementary', { name: 'Context' })
  await happened.getByRole('heading', { name: 'What happened' }).waitFor()
  await happened.getByText('Mail to wet@customer.example').waitFor()
  await happened.getByRole('link', { name: 'Leaks first' }).first().waitFor()
  await picture(admin, 'light-ticket-history')
  await expect.poll(async () => (await microsoft.outbox(`Received: ${subject}`)).map((mail) => mail.recipients)).toEqual([['wet@customer.example']])
  const [toChief] = await until(() => microsoft.outbox(`Leak: ${subject}`))
  expect(toChief!.text).toContain(`/tickets/${ticket}`)

  await switchTo('Auto-answer on creation', false)
  await remove('Leaks first')
})

/** Waits until something has come. */
async function until<T>(look: () => Promise<T[]>): Promise<T[]> {
  await expect.poll(async () => (await look()).length).toBeGreaterThan(0)
  return look()
}

story('triggers are put into order by the keyboard', async ({ admin }) => {
  const before = (await triggers()).map((one) => one.title)
  await admin.goto(`${contoso.tandem}/admin/triggers`)
  const list = admin.getByRole('list', { name: 'Triggers' })
  await list.getByRole('button', { name: `Move ${before[0]}, now at 1` }).press('ArrowDown')
  await admin.getByText(`${before[0]} is now 2 of ${before.length}.`).waitFor({ state: 'attached' })
  await expect.poll(async () => (await triggers()).map((one) => one.title)).toEqual([before[1], before[0], ...before.slice(2)])
  await list.getByRole('button', { name: `Move ${before[0]}, now at 2` }).press('ArrowUp')
  await expect.poll(async () => (await triggers()).map((one) => one.title)).toEqual(before)
})

story('the bench says what each trigger would do with a pasted mail, and why', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/triggers/test?with=raw`)
  await admin
    .getByRole('textbox', { name: 'Raw source of the mail' })
    .fill('From: Paula Paste <paula@customer.example>\nTo: support@contoso.example\nSubject: Pasted\n\nWould you answer me?\n')
  await switchTo('Auto-answer on creation', true)
  await admin.getByRole('button', { name: 'Try it' }).click()
  const answer = admin.getByRole('group', { name: 'Auto-answer on creation' })
  await answer.getByText('Would fire', { exact: true }).waitFor()
  await answer.getByText('Mail to paula@customer.example: Received: Pasted').waitFor()
  await admin.getByRole('group', { name: 'Notify all agents of a new request' }).getByText('Switched off; its conditions are met').waitFor()
  await picture(admin, 'light-trigger-bench')
  expect(await barriers(admin)).toEqual([])
  await switchTo('Auto-answer on creation', false)
  expect(await microsoft.outbox('Received: Pasted')).toEqual([])
})
