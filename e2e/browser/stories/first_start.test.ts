import { expect, story } from '../support/story'
import { turnTo } from '../support/pages'
import { Tandem } from '../support/process'

story('the first administrator comes by the one-time link and finds every page ready to begin with', async ({ visit }) => {
  const tandem = await Tandem.start('serve', /\/setup\/\S+/, {})
  try {
    const visitor = await visit({ as: null, at: tandem.url })
    const page = await visitor.open('/')
    await page.getByRole('heading', { name: 'There is no administrator yet' }).waitFor()

    await page.goto(`${tandem.url}/setup/nonsense`)
    await page.getByRole('alert').getByRole('heading').waitFor()

    const link = tandem.said(/http:\/\/\S+\/setup\/\S+/)
    await page.goto(link)
    await page.getByRole('textbox', { name: 'Your name', exact: true }).fill('Ada Byron')
    await page.getByRole('textbox', { name: 'Mail address', exact: true }).fill('ada@northwind.example')
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('short')
    await page.getByRole('textbox', { name: 'New password again', exact: true }).fill('shirt')
    await page.getByRole('button', { name: 'Create administrator' }).click()
    await page.getByText('It is too short.').waitFor()
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('an engine that weaves')
    await page.getByRole('textbox', { name: 'New password again', exact: true }).fill('an engine that weaves')
    await page.getByRole('button', { name: 'Create administrator' }).click()

    // Each empty page says what to do next.
    await page.getByRole('heading', { name: 'Is anything wrong?' }).waitFor()
    const pages = {
      '/tickets': 'No ticket is open',
      '/tickets?view=mine': 'No open ticket is assigned to you',
      '/tickets?view=all': 'There is no ticket yet',
      '/admin': 'No mailbox is connected yet',
      '/admin/email': 'No mailbox is connected yet',
      '/admin/mail': 'No mail has been seen yet',
      '/admin/jobs': 'No job has failed',
      '/admin/people': 'Ada Byron',
      '/admin/people/deleted': 'Nobody is deleted',
      '/admin/organizations': 'There is no organization yet',
      '/admin/teams': 'There is no team yet',
      '/admin/brands': 'Support',
      '/admin/tokens': 'There is no token yet',
      '/admin/audit': 'Chose a password',
    }
    for (const [path, words] of Object.entries(pages)) {
      await turnTo(page, path)
      await page.getByRole('main').getByText(words).first().waitFor()
    }

    // The link worked once.
    await page.goto(link)
    await page.getByRole('alert').getByText(/link/i).first().waitFor()
    expect(await page.getByRole('textbox', { name: 'Your name', exact: true }).count()).toBe(0)
  } finally {
    await tandem.stop()
  }
})
