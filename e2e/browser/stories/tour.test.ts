import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

// The tour of README.md: send a mail, watch it become a ticket, answer it, find
// the answer, follow the mail.

story('a mail becomes a ticket before the eyes of an agent, and the answer goes back', async ({ admin, sim }) => {
  const subject = 'The grinder sings at night'

  await admin.getByRole('table').getByRole('link').first().waitFor()
  await sim.getByRole('button', { name: 'Write as a stranger' }).click()
  const letter = sim.getByRole('dialog', { name: 'Write as a stranger' })
  await letter.getByLabel('To').fill('support@contoso.example')
  await letter.getByLabel('Subject').fill(subject)
  await letter.getByLabel('Text').fill('Nobody is in the kitchen, and still it grinds. What can I do?')
  await letter.getByRole('button', { name: 'Send' }).click()
  await letter.waitFor({ state: 'hidden' })

  // The list has been open all the while.
  await admin.getByRole('button', { name: /new ticket/ }).click()
  await admin.getByRole('link', { name: subject }).click()
  const conversation = admin.getByRole('log', { name: 'Conversation' })
  await conversation.getByText('Nobody is in the kitchen').waitFor()

  const answer = admin.getByRole('region', { name: 'Answer' })
  const text = answer.getByRole('textbox', { name: 'Write a reply to the requester' })
  await text.fill('Please hold both buttons for five seconds.')
  await answer.getByRole('combobox', { name: 'Add people in copy' }).fill('facilities@customer.example')
  await answer.getByRole('combobox', { name: 'Add people in copy' }).press('Enter')
  await answer.locator('input[type=file]').first().setInputFiles({
    name: 'both buttons.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('Left and right.'),
  })
  await answer.getByRole('button', { name: 'Remove both buttons.txt' }).waitFor()

  const submitAsPending = async () => {
    await answer.getByRole('button', { name: 'Submit with another status' }).click()
    await admin.getByRole('menuitem', { name: 'Submit as pending' }).click()
  }
  await submitAsPending()
  await admin.getByText(/The reply to ticket #\d+ leaves in \d seconds?\./).waitFor()
  await admin.getByRole('button', { name: 'Undo' }).click()

  // Taken back: the text, the file and the copy are where they were, and nothing has left.
  await expect.poll(() => text.innerText()).toBe('Please hold both buttons for five seconds.')
  await answer.getByRole('button', { name: 'Remove both buttons.txt' }).waitFor()
  await answer.getByRole('button', { name: 'Remove facilities@customer.example from copy' }).waitFor()
  await admin.getByRole('article', { name: 'Reply by Alma Torres' }).waitFor({ state: 'hidden' })
  expect(await microsoft.outbox(`Re: ${subject}`)).toEqual([])

  await submitAsPending()
  const said = admin.getByRole('article', { name: 'Reply by Alma Torres' })
  await said.getByText(/^Sent/).waitFor()
  expect(await admin.getByRole('combobox', { name: 'Status' }).inputValue()).toBe('pending')

  // On the simulator's page: what the customer gets.
  await sim.getByRole('link', { name: 'Sent outside' }).click()
  await sim.getByRole('button', { name: `Re: ${subject}` }).click()
  const mail = sim.getByRole('article')
  await mail.getByText('both buttons.txt').waitFor()
  await mail.getByText('facilities@customer.example').waitFor()
  const [sent, ...others] = await microsoft.outbox(`Re: ${subject}`)
  expect(others).toEqual([])
  const [received] = await microsoft.folder('support@contoso.example', 'Tandem', subject)
  expect(sent?.references).toContain(received?.internet_message_id)
  expect(received?.is_read).toBe(true)

  // The way of the customer's mail: every station, with its time.
  await conversation.getByRole('button', { name: 'More about this comment' }).first().click()
  await admin.getByRole('menuitem', { name: 'View journey' }).click()
  const journey = admin.getByRole('list', { name: 'Journey of the mail' })
  for (const station of ['Arrived at Microsoft', 'Noticed by Tandem', 'Fetched', 'Stored', 'Decided', 'On the ticket', 'Marked read and filed']) {
    await journey.getByRole('listitem').filter({ hasText: station }).getByRole('time').waitFor()
  }
  await journey.getByText('It belongs to no ticket, so a new one was opened.').waitFor()
})
