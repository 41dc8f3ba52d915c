import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { api } from '../support/desk'
import { barriers, fitsItsWidth, picture, settled, turnTo } from '../support/pages'
import { allPages, fronts } from '../support/places'
import { expect, story } from '../support/story'
import english from '../../../web/src/i18n/en.json'
import japanese from '../../../web/src/i18n/ja.json'
import portuguese from '../../../web/src/i18n/pt-BR.json'

// Every page, in both themes, on a narrow screen and in the three languages.

let pages: Record<string, string>

beforeAll(async () => {
  pages = await allPages()
})

afterAll(() => api('DELETE', pages.macro!.replace('/admin', '')))

story('no page is forgotten here', async () => {
  const routes = await allRoutes()
  const visited = Object.values({ ...pages, ...fronts }).map((path) => routeOf(path.split('?')[0]!, routes))
  expect(routes.filter((route) => !visited.includes(route))).toEqual([])
})

story('every page can be read by everybody, in the light, in the dark and on a telephone', async ({ visit }) => {
  const found: string[] = []
  const walk = async (page: Page, paths: Record<string, string>) => {
    for (const [name, path] of Object.entries(paths)) {
      await turnTo(page, path)
      await picture(page, `light-${name}`)
      found.push(...(await barriers(page)).map((barrier) => `light ${path}: ${barrier}`))
      await page.setViewportSize(narrow)
      await picture(page, `narrow-${name}`)
      await fitsItsWidth(page)
      await page.setViewportSize(wide)
      await wear(page, 'dark')
      await picture(page, `dark-${name}`)
      // The dark page is the same but for its colours.
      found.push(...(await barriers(page, ['color-contrast', 'link-in-text-block'])).map((barrier) => `dark ${path}: ${barrier}`))
      await wear(page, 'light')
    }
  }
  await walk(await (await visit()).open('/tickets'), pages)
  await walk(await (await visit({ as: null })).open('/signin'), fronts)
  expect(found).toEqual([])
}, 240_000)

const wide = { width: 1440, height: 900 }
const narrow = { width: 400, height: 860 }

async function wear(page: Page, theme: 'light' | 'dark') {
  await page.emulateMedia({ colorScheme: theme })
  await page.waitForFunction((wanted) => document.documentElement.style.colorScheme === wanted, theme)
}

for (const [language, words] of [
  ['ja', japanese],
  ['pt-BR', portuguese],
] as const) {
  story(`no English is left over in ${language}, and its words have room`, async ({ visit }) => {
    const left = untranslated(words)
    const found: string[] = []
    const walk = async (page: Page, paths: Record<string, string>) => {
      for (const [name, path] of Object.entries(paths)) {
        await turnTo(page, path)
        await picture(page, `${language}-${name}`)
        found.push(...(await wordsOn(page)).filter((word) => left.has(word)).map((word) => `${path}: ${word}`))
        await fitsItsWidth(page)
        await page.setViewportSize(narrow)
        await fitsItsWidth(page)
        await page.setViewportSize(wide)
      }
    }
    await walk(await (await visit({ language })).open('/tickets'), pages)
    await walk(await (await visit({ language, as: null })).open('/signin'), fronts)
    expect(found).toEqual([])
  }, 120_000)
}

/** The addresses of the application, as web/src/routes.tsx writes them. */
async function allRoutes(): Promise<string[]> {
  const source = await readFile(new URL('../../../web/src/routes.tsx', import.meta.url), 'utf8')
  return [...source.matchAll(/<Route path="([^"]*)"/g)].map(([, path]) => (/^[/*]/.test(path!) ? path! : `/admin/${path}`))
}

/** The route that answers to a path: the one of the most words. */
function routeOf(path: string, routes: string[]): string | undefined {
  const fits = (route: string) => route === '*' || new RegExp(`^${route.replace(/:\w+/g, '[^/]+')}$`).test(path)
  const guesses = (route: string) => (route === '*' ? Infinity : route.split(':').length)
  return routes.filter(fits).sort((a, b) => guesses(a) - guesses(b))[0]
}

/** The English words of the application that are different in the other language. */
function untranslated(other: object): Set<string> {
  const foreign = new Set(leaves(other))
  return new Set(leaves(english).filter((word) => !foreign.has(word) && !word.includes('{{')))
}

const leaves = (tree: object): string[] =>
  Object.values(tree).flatMap((value) => (typeof value === 'string' ? [value] : leaves(value as object)))

/** Everything a page says, seen or heard. */
function wordsOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const words: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      // Around what was found stand other people's words.
      if (texts.currentNode.parentElement!.querySelector(':scope > mark')) continue
      words.push(texts.currentNode.textContent!.trim())
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) words.push(element.getAttribute(name)?.trim() ?? '')
    }
    return words.filter((word) => word !== '')
  })
}

story('a page that waits, fails or finds nothing says which', async ({ visit }) => {
  const visitor = await visit({ forgive: /status of 503/ })
  const page = await visitor.open('/tickets?view=failed')
  await page.getByText('Every reply was sent').waitFor()
  await picture(page, 'light-tickets-empty')

  await page.goto(new URL('/tickets/999999', page.url()).href)
  await page.getByRole('alert').getByText('It does not exist, or no longer does.').waitFor()
  await picture(page, 'light-ticket-missing')
  for (const nowhere of ['/nowhere', '/tickets/abc', '/tickets/-1', '/admin/teams/1e3']) {
    await page.goto(new URL(nowhere, page.url()).href)
    await page.getByText('There is no such page.').waitFor()
  }

  let letGo = () => {}
  const held = new Promise<void>((resolve) => (letGo = resolve))
  await page.route('**/api/v2/overview', async (route) => {
    await held
    await route.fulfill({ status: 503, json: { error: 'ServiceUnavailable', code: 'database_busy', message: 'The database is busy.', side: 'tandem', remedy: 'Try again in a moment.', reference: '7F3K9Q' } })
  })
  await page.goto(new URL('/admin', page.url()).href)
  await page.getByLabel('Loading').waitFor()
  await picture(page, 'light-home-loading')
  letGo()
  await page.getByRole('alert').getByText('The database is busy.').waitFor()
  await page.getByText('Reference 7F3K9Q').waitFor()
  await picture(page, 'light-home-failed')
  await page.unroute('**/api/v2/overview')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('heading', { name: 'Connections' }).waitFor()
})

story('theme and language are chosen in the profile menu and stay chosen', async ({ visit }) => {
  const visitor = await visit({ as: 'agent3@contoso.example' })
  const page = await visitor.open('/tickets')
  const choose = async (menu: RegExp, item: string) => {
    await page.getByRole('button', { name: menu }).click()
    await page.getByRole('menuitemradio', { name: item }).click()
    await page.keyboard.press('Escape')
  }
  await settled(page)
  const background = () => page.evaluate(() => getComputedStyle(document.querySelector('main')!).backgroundColor)
  const light = await background()
  await choose(/^Profile of/, 'Dark')
  await expect.poll(background).not.toBe(light)
  await choose(/^Profile of/, 'High contrast')
  await expect.poll(background).toBe('rgb(0, 0, 0)')
  await picture(page, 'contrast-tickets')
  await choose(/^Profile of/, '日本語')
  await page.getByRole('heading', { name: japanese.view.open }).waitFor()
  await page.reload()
  await settled(page)
  await page.getByRole('heading', { name: japanese.view.open }).waitFor()
  expect(await background()).toBe('rgb(0, 0, 0)')
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja')
  await choose(new RegExp('Chloe|Martin'), 'Português (Brasil)')
  await page.getByRole('heading', { name: portuguese.view.open }).waitFor()
})
