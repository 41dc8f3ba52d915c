import { ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'

story('two Japanese characters, a phrase and a filter find what they should, and show where', async ({ visit }) => {
  const subject = '焙煎機の交換について'
  await microsoft.mail({ from: 'roast@customer.example', name: '焙煎 太郎', subject, text: '煙突の掃除もお願いします。' })
  const plain = 'The chimney sweeps have come'
  await microsoft.mail({ from: 'sweep@customer.example', name: 'Sven Sweep', subject: plain, text: 'They swept the chimney twice, not once.' })
  const [japanese, english] = [await ticketOf(subject), await ticketOf(plain)]

  const page = await (await visit({ as: 'agent1@contoso.example' })).open('/tickets')
  const box = page.getByRole('combobox', { name: 'Search tickets, people and organizations' })
  await box.fill('焙煎')
  const suggestions = page.getByRole('listbox', { name: 'Search results as you type' })
  const first = suggestions.getByRole('option', { name: new RegExp(`#${japanese}`) })
  await first.waitFor()
  expect(await first.locator('mark').first().innerText()).toBe('焙煎')
  await picture(page, 'light-search-suggestions')
  expect(await barriers(page)).toEqual([])

  await box.fill('"chimney sweeps"')
  await box.press('Enter')
  const results = page.getByRole('list').filter({ hasText: plain })
  await results.getByRole('link', { name: plain }).waitFor()
  await page.getByText('1 result', { exact: true }).waitFor()

  await page.goto(page.url().replace(/q=[^&]*/, 'q=chimney'))
  await results.getByRole('link', { name: plain }).waitFor()
  await expect.poll(() => page.locator('mark').allInnerTexts()).toContain('chimney')
  await picture(page, 'light-search-results')
  expect(await barriers(page)).toEqual([])
  await page.getByRole('combobox', { name: 'Status' }).selectOption('status:solved')
  await page.getByText('Nothing was found for').waitFor()
  expect(new URL(page.url()).searchParams.get('q')).toContain('status:solved')
  expect(english).toBeGreaterThan(0)
})

story('the results stand in the dark, in Japanese and on a narrow screen', async ({ visit }) => {
  const dark = await (await visit({ theme: 'dark', language: 'ja' })).open('/search?q=coffee')
  await dark.getByRole('status').first().waitFor()
  await picture(dark, 'dark-search-ja')
  expect(await barriers(dark)).toEqual([])
  const narrow = await (await visit({ width: 400, height: 800 })).open('/search?q=coffee')
  await narrow.getByRole('status').first().waitFor()
  await fitsItsWidth(narrow)
  await picture(narrow, 'narrow-search')
})
