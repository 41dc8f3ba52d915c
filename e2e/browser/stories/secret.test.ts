import { inject } from 'vitest'
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
  await admin.getByRole('heading', { name: 'support@contoso.example' }).waitFor()
  await admin.getByText('Error', { exact: true }).first().waitFor()
  for (const [path, heading] of [
    ['/tickets', 'All open'],
    ['/admin/email', 'Email addresses'],
    ['/admin/mail', 'Mail ledger'],
    ['/admin/jobs', 'Failed jobs'],
  ] as const) {
    await admin.goto(inject('tandem') + path)
    await admin.getByRole('heading', { name: heading }).waitFor()
  }

  await sim.getByRole('button', { name: 'End all' }).click()
  await admin.goto(`${inject('tandem')}/admin/email`)
  await admin.getByRole('link', { name: 'support@contoso.example' }).click()
  // Whom Entra has refused waits a little before asking again, so as not to be locked out.
  const readNow = async () => {
    await admin.getByRole('button', { name: 'Read now' }).click()
    return admin.getByText('Verified').isVisible()
  }
  await expect.poll(readNow, { timeout: 45_000, interval: 1000 }).toBe(true)
  await ticketOf('Sent into the silence')
  await admin.getByRole('link', { name: 'Home' }).click()
  await attention.getByText('client secret').waitFor({ state: 'hidden' })
})
