import { contoso } from '../support/contoso'
import { expect, story } from '../support/story'

story('a wrong password says so, and a link into the application waits for the sign-in', async ({ visit }) => {
  const visitor = await visit({ as: null })
  const page = await visitor.open('/admin/mail?state=quarantined')
  const address = page.getByRole('textbox', { name: 'Mail address' })
  const password = page.getByRole('textbox', { name: 'Password' })
  const signIn = page.getByRole('button', { name: 'Sign in' })

  await address.fill('admin@contoso.example')
  await password.fill('not the password')
  await signIn.click()
  await page.getByRole('alert').getByText('The mail address or the password is wrong.').waitFor()

  await password.fill('tandem-demo')
  await password.press('Enter')
  await page.getByRole('heading', { name: 'Mail ledger' }).waitFor()
  expect(new URL(page.url()).search).toBe('?state=quarantined')

  await page.getByRole('button', { name: 'Profile of Alma Torres' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.goto(`${contoso.tandem}/tickets`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
})

story('who guesses is kept waiting, and told for how long', async ({ visit }) => {
  const visitor = await visit({ as: null })
  const page = await visitor.open('/signin')
  const guess = { email: 'agent8@contoso.example', password: 'a guess' }
  for (let i = 0; i < 10; i++) await visitor.context.request.post('/api/v2/session', { data: guess })

  await page.getByRole('textbox', { name: 'Mail address' }).fill(guess.email)
  await page.getByRole('textbox', { name: 'Password' }).fill('tandem-demo')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').getByText('Sign-in is locked for 15 minutes.').waitFor()
})

story('an agent finds the tickets, and no way into the administration', async ({ visit }) => {
  const page = await (await visit({ as: 'agent1@contoso.example' })).open('/tickets')
  await page.getByRole('heading', { name: 'All open' }).waitFor()
  expect(await page.getByRole('link', { name: 'Admin' }).count()).toBe(0)

  await page.goto(`${contoso.tandem}/admin/people`)
  await page.getByRole('alert').getByText('This page is for administrators.').waitFor()
})
