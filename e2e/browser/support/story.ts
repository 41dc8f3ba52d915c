import type { Browser, Page } from 'playwright-core'
import { mkdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { contoso } from './contoso'
import { recover } from './desk'
import { microsoft } from './microsoft'
import { openBrowser, Visitor, type Visit } from './visitor'

export { expect } from 'vitest'

export const screenshots = new URL('../screenshots/', import.meta.url).pathname

interface Tools {
  browser: Browser
  /** Lets somebody sit down before a browser of their own. */
  visit: (visit?: Visit) => Promise<Visitor>
  /** The administrator of Contoso, on the ticket list. */
  admin: Page
  /** The page of the simulated Microsoft 365. */
  sim: Page
}

/**
 * A test in the browser. It fails, besides by its own steps, when a page
 * reported an error on the console or reached for a foreign host.
 */
export const story = test.extend<Tools>({
  browser: [
    async ({}, use) => {
      const browser = await openBrowser()
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  visit: async ({ browser, task }, use) => {
    const visitors: Visitor[] = []
    await use(async (visit) => {
      const visitor = await Visitor.arrive(browser, visit)
      visitors.push(visitor)
      return visitor
    })
    if (task.result?.state === 'fail') await photograph(visitors, task.name)
    await Promise.all(visitors.map((visitor) => visitor.context.close()))
    await microsoft.heal()
    await recover()
    expect(visitors.flatMap((visitor) => visitor.complaints)).toEqual([])
  },
  admin: async ({ visit }, use) => {
    const visitor = await visit()
    await use(await visitor.open('/tickets'))
  },
  sim: async ({ visit }, use) => {
    const stranger = await visit({ as: null })
    await use(await stranger.open(contoso.microsoft))
  },
})

/** What was on the screens when a story failed. */
async function photograph(visitors: Visitor[], name: string) {
  const folder = `${screenshots}failed/`
  await mkdir(folder, { recursive: true })
  const pages = visitors.flatMap((visitor) => visitor.context.pages())
  for (const [i, page] of pages.entries()) {
    await page.screenshot({ path: `${folder}${name.replace(/[^\w]+/g, '_')}-${i + 1}.png` }).catch(() => undefined)
  }
}
