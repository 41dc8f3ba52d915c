import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { api } from '../support/desk'
import { fitsItsWidth, picture } from '../support/pages'
import { allPages } from '../support/places'
import { expect, story } from '../support/story'

// Every page while it waits for its answers, and when they do not come.

let pages: Record<string, string>

beforeAll(async () => {
  pages = await allPages()
  for (const name of still) delete pages[name]
})

/** They ask for nothing as they open. */
const still = ['nowhere', 'search-help', 'wizard-unknown', 'people-import', 'organizations-import', 'trigger-bench', 'profile']

afterAll(() => api('DELETE', pages.macro!.replace('/admin', '')))

const busy = {
  status: 503,
  json: { error: 'ServiceUnavailable', code: 'database_busy', message: 'The database is busy.', side: 'tandem', remedy: 'Try again in a moment.', reference: '7F3K9Q' },
}

/** Answers no question but who is signed in. */
const withhold = (context: BrowserContext, answer?: typeof busy) =>
  context.route('**/api/v2/**', async (route) => {
    if (/\/(session|events)$/.test(new URL(route.request().url()).pathname)) return route.continue()
    if (answer) await route.fulfill(answer)
  })

/** Goes to a page by way of one that asks for nothing, so that nothing on it is left over from another. */
async function turn(page: Page, path: string) {
  const go = (to: string) =>
    page.evaluate((to) => {
      history.pushState(null, '', to)
      dispatchEvent(new PopStateEvent('popstate', { state: null }))
    }, to)
  const nowhere = page.getByText('There is no such page.')
  await go('/nowhere')
  await nowhere.waitFor()
  await go(path)
  await nowhere.waitFor({ state: 'hidden' })
}

story('a page that waits says so', async ({ visit }) => {
  const visitor = await visit()
  await withhold(visitor.context)
  const page = await visitor.open('/nowhere')
  const silent: string[] = []
  for (const [name, path] of Object.entries(pages)) {
    await turn(page, path)
    const said = page.getByRole('main').or(page.getByRole('dialog')).getByLabel('Loading').first()
    await said.waitFor().catch(() => silent.push(name))
    await picture(page, `waiting-${name}`)
  }
  expect(silent).toEqual([])
}, 120_000)

story('a page whose answers do not come says what is wrong', async ({ visit }) => {
  const visitor = await visit({ forgive: /status of 503/ })
  await withhold(visitor.context, busy)
  const page = await visitor.open('/nowhere')
  await page.clock.install()
  const silent: string[] = []
  for (const [name, path] of Object.entries(pages)) {
    await turn(page, path)
    const said = async () => {
      await page.clock.runFor(1_000) // what did not come is asked for again, twice
      return page.getByRole('main').or(page.getByRole('dialog')).getByRole('alert').count()
    }
    await expect.poll(said).toBeGreaterThan(0).catch(() => silent.push(name))
    await picture(page, `failed-${name}`)
    await fitsItsWidth(page)
  }
  expect(silent).toEqual([])
}, 120_000)
