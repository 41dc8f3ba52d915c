import { contoso } from '../support/contoso'
import { addressOf, api } from '../support/desk'
import { choose } from '../support/pages'
import { expect, story } from '../support/story'

// Connecting a shared mailbox by application permission: nobody signs in, and
// the wizard looks at the mailbox before it goes on.

const team = 'team@contoso.example'

interface Shown {
  recipient_address: { connection: { folder: string; subfolders: boolean; afterwards: string } }
}

story('a shared mailbox is found by its alias, a folder chosen, and connected without a sign-in', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/email/new?step=kind`)
  await admin.getByRole('radio', { name: /application permission/ }).click() // the address of the page follows, and then the button
  await admin.getByRole('button', { name: 'Next' }).click()

  const mailbox = admin.getByRole('textbox', { name: /Mailbox to connect/ })
  await mailbox.fill('ceo@contoso.example')
  await admin.getByRole('button', { name: 'Find the mailbox' }).click()
  await admin.getByText(/application access policy/).waitFor()
  expect(await addressOf('ceo@contoso.example')).toBeUndefined()

  await mailbox.fill('hello@contoso.example')
  await admin.getByRole('button', { name: 'Find the mailbox' }).click()
  await admin.getByText(`connected as ${team}`).waitFor()
  await admin.getByRole('button', { name: 'Choose another folder' }).click()
  await admin.getByRole('radio', { name: /Inbox/ }).waitFor()
  expect(await admin.getByRole('radio', { name: /Sent Items/ }).count()).toBe(0)
  await choose(admin.getByRole('radio', { name: /Archive/ }))
  await choose(admin.getByRole('radio', { name: 'Mark read', exact: true }))
  await admin.getByRole('button', { name: 'Next' }).click()

  await admin.getByText('It reads the folder Archive.').waitFor()
  await admin.getByRole('button', { name: 'Connect', exact: true }).click()
  await admin.getByText(`${team} is connected.`).waitFor()
  await admin.getByRole('status').filter({ hasText: /^Test (is running|successful)/ }).waitFor() // by itself, once
  await admin.getByText('Microsoft Exchange (application permission)').waitFor()
  await admin.getByText('hello@contoso.example').waitFor()

  // The choice can be taken back on the page of the address.
  await admin.getByRole('button', { name: 'Choose another folder' }).click()
  await choose(admin.getByRole('radio', { name: /Inbox/ }))
  await choose(admin.getByRole('switch', { name: /folders below/ }))
  await admin.getByRole('button', { name: 'Save' }).last().click()
  await admin.getByText('Saved').first().waitFor()
  const { recipient_address } = await api<Shown>('GET', `/recipient_addresses/${await addressOf(team)}`)
  expect(recipient_address.connection).toMatchObject({ folder: '', subfolders: true, afterwards: 'read' })
})
