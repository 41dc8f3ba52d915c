import { contoso } from '../support/contoso'
import { addressOf, api } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'
import english from '../../../web/src/i18n/en.json'

// Does mail flow, and if not, why? The test of an address, and the page of everything it needs.

const support = 'support@contoso.example'

story('a test goes hop by hop, succeeds, and leaves no trace in the ledger unless asked', async ({ admin }) => {
  const address = `${contoso.tandem}/admin/email/addresses/${await addressOf(support)}`
  await admin.goto(address)
  await admin.getByRole('button', { name: 'Test now' }).click()
  await admin.getByRole('status').filter({ hasText: 'Test successful' }).waitFor({ timeout: 30_000 })
  const way = admin.getByRole('list', { name: 'The way of the latest test' })
  await way.getByText('Removed from the mailbox').waitFor()
  expect(await way.locator('time').count()).toBe(10)

  await admin.goto(`${contoso.tandem}/admin/mail?query=probe`)
  await admin.getByText(english.ledger.none_found).waitFor()
  await admin.getByRole('checkbox', { name: 'Show tests' }).click()
  await admin.getByRole('link', { name: /Tandem probe/ }).first().waitFor()
})

story('what is missing is named, with what Microsoft said, and found mended at the next look', async ({ admin }) => {
  const id = await addressOf(support)
  await microsoft.fault({ kind: 'deny', path: '/send', mailbox: support })
  await admin.goto(`${contoso.tandem}/admin/email/addresses/${id}`)
  await admin.getByRole('link', { name: 'Look at everything it needs' }).click()
  await admin.getByRole('button', { name: /Look (now|again)/ }).click()
  await admin.getByRole('status').filter({ hasText: '1 line has to be mended' }).waitFor()
  const line = admin.getByRole('listitem').filter({ hasText: 'Permission to send' })
  await line.getByText('Has to be mended').waitFor()
  await line.getByText('ErrorAccessDenied').waitFor()
  await admin.getByText('A line above has to be mended first.').waitFor()

  await microsoft.heal()
  await admin.getByRole('button', { name: 'Look again' }).click()
  await admin.getByRole('status').filter({ hasText: 'Everything that it needs is there' }).waitFor()
  const { preflight } = await api<{ preflight: { checks: { verdict: string }[] } }>('GET', `/recipient_addresses/${id}/preflight`)
  expect(preflight.checks.map(({ verdict }) => verdict)).not.toContain('failed')
})
