import type { Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { addressOf, api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, choose, fitsItsWidth, picture, settled } from '../support/pages'
import { expect, story } from '../support/story'

// An address whose mail is forwarded: from the wizard to the proof, and the
// guided change to its mailbox.

const shared = 'shared@contoso.example'

afterAll(async () => {
  const id = await addressOf(shared)
  if (id !== undefined) await api('DELETE', `/recipient_addresses/${id}`)
})

const forwardTo = (page: Page) => page.getByRole('textbox', { name: 'Forward to' }).inputValue()

story('an address is added, forwarded and verified, and its mail becomes a ticket', async ({ admin, visit }) => {
  await admin.goto(new URL('/admin/email', admin.url()).href)
  await admin.getByRole('button', { name: 'Add address' }).click()
  await admin.getByRole('button', { name: 'Next' }).click()
  await choose(admin.getByRole('radio', { name: /Forwarding/ }))
  await admin.getByRole('button', { name: 'Next' }).click()
  await admin.getByRole('textbox', { name: 'Address' }).fill(shared)
  await admin.getByRole('button', { name: 'Add address' }).click()

  await admin.getByRole('heading', { name: shared }).waitFor()
  await admin.getByText('Waiting for the first mail').first().waitFor()
  const target = await forwardTo(admin)
  expect(target).toMatch(/^shared\+[a-z2-7]{26}@in\.contoso\.example$/)
  await admin.getByText('Microsoft 365 blocks it otherwise').waitFor() // how to set it up
  await settled(admin)
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'forwarding-waiting')

  const { forwarding } = await api<{ forwarding: { listen: string } }>('GET', '/forwarding')
  await microsoft.forward(shared, target, forwarding.listen)
  await admin.getByRole('button', { name: 'Verify now' }).click()
  await admin.getByText('Verified', { exact: true }).first().waitFor()
  await picture(admin, 'forwarding-verified')

  const subject = 'Forwarded: the lid squeaks'
  await microsoft.mail({ from: 'ines@lakeside-hotel.example', name: 'Ines', to: shared, subject, text: 'It squeaks.' })
  expect(await ticketOf(subject)).toBeGreaterThan(0)

  const phone = await visit({ theme: 'dark', width: 400, height: 800 })
  const small = await phone.open(`/admin/email/addresses/${await addressOf(shared)}`)
  await settled(small)
  await fitsItsWidth(small)
  expect(await barriers(small)).toEqual([])
  await picture(small, 'forwarding-dark-narrow')
})

story('the change to the mailbox says what will happen before it begins', async ({ admin }) => {
  await admin.goto(new URL(`/admin/email/addresses/${await addressOf(shared)}`, admin.url()).href)
  await admin.getByRole('button', { name: 'Change to the mailbox' }).click()
  const dialog = admin.getByRole('alertdialog')
  await dialog.getByText('What comes by both is one mail').waitFor()
  expect(await barriers(admin)).toEqual([])
  await picture(admin, 'forwarding-change')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
})

story('an address with a mailbox changes to forwarding and gives up', async ({ admin }) => {
  await admin.goto(new URL(`/admin/email/addresses/${await addressOf('support@contoso.example')}`, admin.url()).href)
  await admin.getByRole('button', { name: 'Change to forwarding' }).click()
  await admin.getByRole('button', { name: 'Begin the change' }).click()
  await admin.getByText('Waiting for the verification mail to come back').waitFor()
  expect(await forwardTo(admin)).toMatch(/^support\+/)
  expect(await admin.getByRole('button', { name: 'Finish the change' }).isDisabled()).toBe(true)
  await picture(admin, 'forwarding-change-under-way')
  await admin.getByRole('button', { name: 'Give up the change' }).click()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Give up the change' }).click()
  await admin.getByRole('button', { name: 'Change to forwarding' }).waitFor()
})
