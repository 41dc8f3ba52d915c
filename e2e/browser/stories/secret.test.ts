import { readFile } from 'node:fs/promises'
import { contoso } from '../support/contoso'
import { ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

story('an expired client secret is explained, keeps no page shut, and loses no mail', async ({ admin, sim }) => {
  await sim.getByRole('link', { name: 'Faults' }).click()
  await sim.getByRole('button', { name: /^Expire the client secret/ }).click()
  await sim.getByText('expire_secrets').waitFor()
  await microsoft.mail({ from: 'ann@customer.example', subject: 'Sent into the silence', text: 'Is anybody there?' })

  await admin.getByRole('link', { name: 'Admin' }).click()
  const attention = admin.getByRole('region', { name: 'What needs attention' })
  const trouble = attention.getByRole('group').filter({ hasText: 'client secret' })
  await trouble.waitFor()
  await trouble.getByText('An administrator can put this right.').waitFor()

  await trouble.getByRole('button').click()
  await admin.getByText('Microsoft refuses Tandem').waitFor()
  for (const [path, heading] of [
    ['/tickets', 'All open'],
    ['/admin/email', 'Email addresses'],
    ['/admin/mail', 'Mail ledger'],
    ['/admin/jobs', 'Failed jobs'],
  ] as const) {
    await admin.goto(contoso.tandem + path)
    await admin.getByRole('heading', { name: heading }).waitFor()
  }
  await admin.goto(`${contoso.tandem}/admin/email`)
  await admin.getByRole('link', { name: 'support@contoso.example' }).click()
  await admin.getByText('Error', { exact: true }).first().waitFor()

  // The remedy that the page offers: a new secret, which is tried and wakes the mailbox by itself.
  await admin.getByRole('button', { name: 'See the credentials' }).click()
  await admin.getByRole('button', { name: 'Add client secret' }).click()
  await admin.getByLabel('Value of the secret').fill(await microsoft.secret())
  await admin.getByLabel('Name').last().fill('Autumn secret')
  await admin.getByRole('button', { name: 'Add and try' }).click()
  await admin.getByText('Microsoft accepts Autumn secret.').first().waitFor()
  await admin.getByText('Microsoft accepts Tandem', { exact: true }).waitFor()
  await ticketOf('Sent into the silence')
  await admin.getByRole('link', { name: 'Home' }).click()
  await attention.getByText('client secret').waitFor({ state: 'hidden' })

  // What is left over is said too, and tidied up.
  await attention.getByText('another one is used').waitFor()
  await sim.getByRole('button', { name: 'End all' }).click()
})

story('Tandem makes a certificate, and uses it once Microsoft knows it', async ({ admin }) => {
  await admin.getByRole('link', { name: 'Admin' }).click()
  await admin.getByRole('link', { name: 'Microsoft tenants' }).click()
  await admin.getByRole('link', { name: 'Microsoft 365' }).click()
  await admin.getByRole('button', { name: 'Make a certificate' }).click()
  await admin.getByLabel('Name').last().fill('Our certificate')
  await admin.getByRole('button', { name: 'Make certificate' }).click()
  const made = admin.getByRole('alertdialog')
  await made.getByText('Our certificate is made').waitFor()
  await made.getByRole('button', { name: 'Try' }).click()
  await made.getByText('Microsoft does not accept the certificate.').waitFor()

  const [download] = await Promise.all([
    admin.waitForEvent('download'),
    made.getByRole('link', { name: 'Download .pem' }).click(),
  ])
  await microsoft.certificate(await readFile(await download.path(), 'utf8'))
  await made.getByRole('button', { name: 'Try' }).click()
  await admin.getByText('Microsoft accepts Our certificate.').first().waitFor()
  const first = admin.getByRole('row').nth(1)
  await first.getByText('Our certificate').waitFor()
  await first.getByText('Works').last().waitFor()
  expect(await made.count()).toBe(0)
})
