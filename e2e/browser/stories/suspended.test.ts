import { contoso } from '../support/contoso'
import { api, suspended } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

story('a suspended mail says why, is recovered, and its sender trusted until that is undone', async ({ admin }) => {
  const subject = 'Your parcel is on its way'
  await microsoft.mail({ from: 'noreply@parcel.example', subject, text: 'It arrives tomorrow.' })
  await suspended(subject)
  await admin.goto(`${contoso.tandem}/admin/suspended`)
  await admin.getByRole('link', { name: subject }).click()
  const drawer = admin.getByRole('dialog')
  await drawer.getByText('The address says that nobody reads answers to it.').waitFor()
  await drawer.getByText('It arrives tomorrow.').waitFor()
  await drawer.getByRole('button', { name: 'Recover' }).click()
  await admin.getByRole('checkbox', { name: 'Trust noreply@parcel.example from now on' }).waitFor()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Recover' }).click()
  await admin.getByRole('heading', { name: subject }).waitFor()
  await admin.getByText('noreply@parcel.example is on the allow list now.').first().waitFor()
  await admin.getByRole('button', { name: 'Undo' }).click()
  await expect
    .poll(async () => (await api<{ count: number }>('GET', '/mail_settings/senders?list=allow')).count)
    .toBe(0)
})

story('chosen mails are deleted together, after a question that counts them', async ({ admin }) => {
  for (const subject of ['Offer one', 'Offer two']) {
    await microsoft.deliver([
      'From: Shop <news@shop.example>',
      'To: support@contoso.example',
      `Subject: ${subject}`,
      `Message-ID: <${subject.replace(' ', '-')}@shop.example>`,
      'List-Unsubscribe: <mailto:leave@shop.example>',
      '',
      'Buy.',
    ])
    await suspended(subject)
  }
  await admin.goto(`${contoso.tandem}/admin/suspended?cause=bulk`)
  for (const subject of ['Offer one', 'Offer two']) await admin.getByRole('checkbox', { name: subject }).click()
  await admin.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click()
  await admin.getByText('Delete 2 mails permanently?').waitFor()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await admin.getByText('2 mails deleted.').first().waitFor()
  await expect.poll(() => admin.getByRole('link', { name: 'Offer one' }).count()).toBe(0)
})

story('the rules are changed, and a sender is blocked and unblocked', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/rules`)
  await admin.getByRole('combobox', { name: 'Mail from no-reply addresses' }).selectOption('Make tickets of it')
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.getByText('Saved').first().waitFor()
  const settings = await api<{ mail_settings: { no_reply: string } }>('GET', '/mail_settings')
  expect(settings.mail_settings.no_reply).toBe('accept')
  await api('PUT', '/mail_settings', { mail_settings: { no_reply: 'suspend' } })

  const pattern = admin.getByRole('textbox', { name: 'Address or domain' }).nth(1)
  await pattern.fill('spam.example')
  await pattern.press('Enter')
  await admin.getByRole('button', { name: 'Remove spam.example' }).click()
  await admin.getByText('spam.example is no longer on the list.').first().waitFor()
})
