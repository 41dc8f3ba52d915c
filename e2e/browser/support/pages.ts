import axe from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { mkdir } from 'node:fs/promises'
import { expect } from 'vitest'
import { screenshots } from './story'

/** Keeps a picture of the page, once it is drawn, for people to look at; it is never compared. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}${name}.png` })
}

/** Waits until a page shows its content instead of placeholders. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main').waitFor()
  await page.waitForFunction(
    () => document.querySelector('main h1, main h2') !== null && document.querySelector('.fui-Skeleton') === null,
  )
}

/** Has a box or a radio button checked; where the page's address keeps the choice, that takes a moment. */
export async function choose(box: Locator): Promise<void> {
  if (!(await box.isChecked())) await box.click()
  await expect.poll(() => box.isChecked()).toBe(true)
}

/** Goes to a page within the application, as a link does, without loading it anew. */
export async function turnTo(page: Page, path: string): Promise<void> {
  await page.evaluate(
    (to) =>
      new Promise<void>((turned) => {
        const watcher = new MutationObserver(() => {
          watcher.disconnect()
          turned()
        })
        watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
        history.pushState(null, '', to)
        dispatchEvent(new PopStateEvent('popstate', { state: null }))
      }),
    path,
  )
  if (path.includes('?mail=')) await page.getByRole('dialog').getByRole('list').waitFor()
  await settled(page)
}

/**
 * What keeps people with screen readers or weak eyes from using the page, by all
 * of axe's rules or some. Mails in their frames are other people's documents and
 * are left out.
 */
export async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (rules) => {
    const found = await (window as unknown as { axe: typeof axe }).axe.run(
      // Fluent's focus keeper leaves marks that are hidden and yet take the focus, to pass it on.
      { exclude: [['iframe'], ['[data-tabster-dummy]']] },
      { iframes: false, resultTypes: ['violations'], runOnly: rules },
    )
    // The open list of a box stands at the end of the page; the box says that it is its own.
    const isOpenList = (rule: string, html: string) => rule === 'region' && html.startsWith('<div role="listbox"')
    return found.violations.flatMap((violation) =>
      violation.nodes.filter((node) => !isOpenList(violation.id, node.html)).map((node) => `${violation.id}: ${violation.help}: ${node.html.slice(0, 200)} (${node.failureSummary?.split('\n')[1]?.trim() ?? ''})`),
    )
  }, rules)
}

/** Fails when the page must be scrolled sideways to be read. */
export async function fitsItsWidth(page: Page): Promise<void> {
  const wider = () =>
    page.evaluate(() => {
      const main = document.querySelector('main')
      return [document.documentElement, main].filter((box) => box && box.scrollWidth > box.clientWidth).map((box) => box!.tagName)
    })
  // A chart learns of a new width only after the page has it.
  await expect.poll(wider, { message: `${page.url()} is wider than the screen` }).toEqual([])
}
