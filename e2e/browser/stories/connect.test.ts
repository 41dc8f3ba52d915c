import type { Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { addressOf, reply, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { choose } from '../support/pages'
import { expect, story } from '../support/story'

// Connecting a mailbox as an administrator does: the wizard, Microsoft's own
// pages, and everything that can turn out differently there.

const sales = 'sales@contoso.example'

/** Goes through the wizard to Microsoft's sign-in page. */
async function toMicrosoft(page: Page, options: { email?: string; importing?: boolean } = {}) {
  await page.goto(`${contoso.tandem}/admin/email`)
  await page.getByRole('button', { name: 'Add address' }).click()
  await choose(page.getByRole('radio', { name: 'Contoso' }))
  await page.getByRole('button', { name: 'Next' }).click()
  await choose(page.getByRole('radio', { name: /Microsoft Exchange \(sign in\)/ }))
  await page.getByRole('button', { name: 'Next' }).click()
  if (options.email) await page.getByRole('textbox', { name: /Mailbox to connect/ }).fill(options.email)
  if (options.importing) await choose(page.getByRole('checkbox', { name: /latest 300 mails/ }))
  await page.getByRole('button', { name: 'Next' }).click()
  for (const permission of ['Mail.Send', 'Mail.ReadWrite', 'User.Read', 'offline_access']) {
    await page.getByText(permission, { exact: true }).waitFor()
  }
  await page.getByRole('button', { name: 'Sign in at Microsoft' }).click()
}

/** Signs in on Microsoft's page, as whoever it is, past the accounts it offers. */
async function signInAtMicrosoft(page: Page, account: string) {
  const form = page.getByRole('heading', { name: 'Sign in' })
  const accounts = page.getByRole('heading', { name: 'Pick an account' })
  await form.or(accounts).waitFor()
  if (await accounts.isVisible()) await page.getByRole('button', { name: 'Use another account' }).click()
  await page.getByRole('combobox', { name: 'Email address' }).fill(account)
  await page.getByLabel('Password').fill('tandem-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

const accept = (page: Page) => page.getByRole('button', { name: 'Accept' }).click()

story('who cancels at Microsoft comes back to a page that says so and offers to begin again', async ({ admin }) => {
  await toMicrosoft(admin)
  await admin.getByRole('button', { name: 'Cancel' }).click()
  const said = admin.getByRole('alert')
  await said.getByRole('heading').waitFor()
  expect(await said.innerText()).toMatch(/cancel/i)
  await admin.getByRole('button', { name: 'Start again' }).click()
  await admin.getByRole('radio', { name: 'Contoso' }).waitFor()
})

story('a consent that leaves a permission out names it, and nothing is connected', async ({ admin }) => {
  await microsoft.fault({ kind: 'missing_scope', scopes: ['Mail.Send'], count: 1 })
  await toMicrosoft(admin, { email: sales })
  await signInAtMicrosoft(admin, sales)
  await accept(admin)
  await admin.getByRole('alert').getByText('Mail.Send').first().waitFor()
  expect(await addressOf(sales)).toBeUndefined()
})

story('signing in to another mailbox than was meant raises the question which one it shall be', async ({ admin }) => {
  await toMicrosoft(admin, { email: sales })
  await signInAtMicrosoft(admin, 'agent7@contoso.example')
  await accept(admin)
  await admin.getByRole('heading', { name: 'You signed in as agent7@contoso.example' }).waitFor()
  await admin.getByRole('button', { name: `Sign in again as ${sales}` }).click()
  await admin.getByText(`You go to Microsoft and sign in as ${sales}.`).waitFor()
  expect(await addressOf('agent7@contoso.example')).toBeUndefined()
})

story('a mailbox is connected with its latest mails, disconnected and connected again, and no reply is lost', async ({ admin }) => {
  for (let i = 1; i <= 30; i++) {
    await microsoft.mail({ from: 'buyer@customer.example', to: sales, subject: `Offer ${i} wanted`, text: 'How much?' })
  }
  // Slow enough to watch.
  await microsoft.fault({ kind: 'slow', delay: '300ms', mailbox: sales })
  await toMicrosoft(admin, { email: sales, importing: true })
  await signInAtMicrosoft(admin, sales)
  await accept(admin)
  await admin.getByText(`${sales} is connected.`).waitFor()
  await admin.getByRole('progressbar', { name: 'Importing the latest mails' }).waitFor()
  await admin.getByText(/^\d+ of 30/).waitFor()
  await microsoft.heal()
  await admin.getByText('30 earlier mails imported').waitFor()
  await admin.getByText('Verified').waitFor()
  const page = admin.url()

  // Two addresses stand in the list now.
  await admin.getByRole('link', { name: 'Email addresses' }).first().click()
  const row = admin.getByRole('row').filter({ has: admin.getByRole('link', { name: sales }) })
  await row.getByRole('cell', { name: 'Verified', exact: true }).waitFor()

  await admin.goto(page)
  await admin.getByRole('button', { name: 'Disconnect' }).click()
  const question = admin.getByRole('alertdialog', { name: `Disconnect ${sales}?` })
  await question.getByText('stays in the mailbox at Microsoft').waitFor()
  await question.getByRole('button', { name: 'Disconnect' }).click()
  await admin.getByText('This address is disconnected.').waitFor()

  // A reply waits where everybody sees it, and mail waits at Microsoft.
  const ticket = await ticketOf('Offer 7 wanted')
  await reply(ticket, 'Seven euros.')
  await microsoft.mail({ from: 'late@customer.example', to: sales, subject: 'Came while you were out', text: 'Hello?' })
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  const said = admin.getByRole('article', { name: 'Reply by Alma Torres' })
  await said.getByText('Waiting to be sent').waitFor()
  await said.getByText('disconnected').first().waitFor()

  await admin.goto(page)
  await admin.getByRole('button', { name: 'Sign in at Microsoft again' }).click()
  await signInAtMicrosoft(admin, sales)
  const consent = admin.getByRole('heading', { name: 'Permissions requested' })
  await consent.or(admin.getByText('Verified')).first().waitFor()
  if (await consent.isVisible()) await accept(admin)
  await admin.getByText('Verified').waitFor()
  await ticketOf('Came while you were out')

  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  await said.getByText(/^Sent/).waitFor()
  expect(await microsoft.outbox('Re: Offer 7 wanted')).toHaveLength(1)
})

story('the default address stays connected until another one takes its place', async ({ admin }) => {
  const support = await addressOf('support@contoso.example')
  await admin.goto(`${contoso.tandem}/admin/email/addresses/${support}`)
  await admin.getByRole('button', { name: 'Disconnect' }).click()
  const why = admin.getByRole('alertdialog', { name: /support@contoso\.example is the default address/ })
  await why.getByText(/another (one|address)/i).waitFor()
  await why.getByRole('button', { name: 'Understood' }).click()
  await admin.getByText('Verified').waitFor()
})
