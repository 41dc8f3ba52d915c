import { contoso } from '../support/contoso'
import { reply, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

story('the ledger is searched and filtered, and its address says how', async ({ admin }) => {
  await microsoft.mail({ from: 'quill@customer.example', subject: 'Needle in the ledger', text: 'Find me.' })
  await ticketOf('Needle in the ledger')
  await admin.goto(`${contoso.tandem}/admin/mail`)
  await admin.getByRole('searchbox', { name: 'Subject, address or Message-ID' }).fill('quill@customer.example')
  const rows = admin.getByRole('table', { name: 'Mail ledger' }).getByRole('row')
  await expect.poll(() => rows.count()).toBe(2) // with the header
  await admin.getByRole('combobox', { name: 'Direction' }).selectOption('Outgoing')
  await admin.getByText('No mail fits these filters').waitFor()
  expect(new URL(admin.url()).search).toBe('?query=quill%40customer.example&direction=out')

  // The address alone brings the same page; going back takes the filter away.
  await admin.reload()
  await admin.getByText('No mail fits these filters').waitFor()
  await admin.goBack()
  await admin.getByRole('link', { name: 'Needle in the ledger' }).click()
  await admin.getByRole('list', { name: 'Journey of the mail' }).getByText('It belongs to no ticket').waitFor()
})

story('a mail that nobody signed is tried again in vain, then made a ticket by hand', async ({ admin }) => {
  await microsoft.deliver([
    'To: support@contoso.example',
    'Subject: From the lift',
    'Message-ID: <lift@machine.example>',
    'Date: Sun, 22 Nov 2026 10:00:00 +0000',
    '',
    'Stuck between floors.',
  ])
  await admin.goto(`${contoso.tandem}/admin/mail?state=quarantined`)
  await admin.getByRole('link', { name: 'From the lift' }).click()
  await admin.getByText('The mail does not say who sent it.').first().waitFor()
  const attempts = admin.getByRole('table', { name: 'Attempts' }).getByRole('row')
  const before = await attempts.count()
  await admin.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => attempts.count()).toBe(before + 1)

  await admin.getByRole('button', { name: 'Make a ticket anyway' }).click()
  await admin.getByRole('heading', { name: 'From the lift' }).waitFor()
  await admin.getByRole('log').getByText('Stuck between floors.').waitFor()
})

story('a reply that Microsoft refuses stays red, with the reason and a way to try again', async ({ admin }) => {
  const subject = 'Answer me, if you can'
  await microsoft.mail({ from: 'vera@customer.example', subject, text: 'I dare you.' })
  const ticket = await ticketOf(subject)
  // What the mailbox may send is smaller than what we are about to write.
  await microsoft.fault({ kind: 'limits', message_size: 2000 })
  await reply(ticket, 'I can. '.repeat(1000))
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  const said = admin.getByRole('article', { name: 'Reply by Alma Torres' })
  await said.getByText('This reply was not sent.').waitFor()
  await admin.goto(`${contoso.tandem}/tickets?view=failed`)
  await admin.getByRole('link', { name: subject }).click()

  await microsoft.heal()
  await said.getByRole('button', { name: 'Try again' }).click()
  await said.getByText(/^Sent/).waitFor()
  expect(await microsoft.outbox(`Re: ${subject}`)).toHaveLength(1)
})

story("a stranger's word in a ticket counts when an agent accepts it", async ({ admin }) => {
  const subject = 'Who took my cup'
  const first = await microsoft.mail({ from: 'owner@customer.example', subject, text: 'The blue one.' })
  const ticket = await ticketOf(subject)
  await microsoft.mail({ from: 'thief@elsewhere.example', name: 'Terry Thief', subject: `Re: ${subject}`, text: 'It was me.', inReplyTo: first })
  await admin.goto(`${contoso.tandem}/tickets/${ticket}`)
  const said = admin.getByRole('article', { name: /by Terry Thief/ })
  await said.getByText('This mail needs a look.').waitFor()
  await said.getByRole('button', { name: 'Accept and add to CC' }).click()
  await said.getByText('This mail needs a look.').waitFor({ state: 'hidden' })
  await said.getByText('Internal note', { exact: true }).waitFor({ state: 'hidden' })
  await admin.getByRole('region', { name: 'Answer' }).getByRole('button', { name: 'Remove thief@elsewhere.example from copy' }).waitFor()
})

story('work that waits is listed with what it is for, and can be done at once', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/jobs`)
  await admin.getByText('No job has failed').waitFor()

  const subject = 'In no hurry'
  await microsoft.mail({ from: 'slow@customer.example', subject, text: 'Whenever you like.' })
  const ticket = await ticketOf(subject)
  await reply(ticket, 'Now is as good as later.')
  await admin.getByRole('link', { name: 'Waiting' }).click()
  const job = admin.getByRole('row').filter({ hasText: 'Send a reply' }).filter({ hasText: `#${ticket}` })
  await job.getByRole('button', { name: 'Try again' }).click()
  await job.waitFor({ state: 'hidden' })
  await expect.poll(async () => (await microsoft.outbox(`Re: ${subject}`)).length).toBe(1)
})
