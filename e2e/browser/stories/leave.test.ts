import type { Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { api } from '../support/desk'
import { barriers, picture, settled } from '../support/pages'
import { expect, story } from '../support/story'

// What is being written in a form is not lost by a click elsewhere, a step back or a closed tab.

const forms = [
  { path: '/admin/triggers/new', back: '/admin/triggers' },
  { path: '/admin/macros/new', back: '/admin/macros' },
  { path: '/admin/views/new', back: '/admin/views' },
  { path: '/admin/fields/ticket/new', back: '/admin/fields/ticket' },
]

const box = (page: Page) => page.getByRole('textbox', { name: /^(Title|Name)/ }).first()
const question = (page: Page) => page.getByRole('alertdialog', { name: 'Discard what you have entered?' })
const where = (page: Page) => new URL(page.url()).pathname

for (const { path, back } of forms) {
  story(`${path} asks before it is left with something written in it`, async ({ admin }) => {
    // By links, as people come here: then there is somewhere to step back to.
    await admin.goto(contoso.tandem + back)
    await settled(admin)
    await admin.getByRole('button', { name: /^Add/ }).or(admin.getByRole('link', { name: /^Add/ })).first().click()
    await admin.waitForURL(contoso.tandem + path)

    // Nothing written, nothing asked.
    await box(admin).waitFor()
    await admin.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Reports' }).click()
    await admin.getByRole('heading', { name: 'Reports' }).waitFor()
    await admin.goBack()

    await box(admin).fill('Half a thought')
    await admin.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Tickets' }).click()
    await question(admin).waitFor()
    if (path.includes('triggers')) {
      expect(await barriers(admin)).toEqual([])
      await picture(admin, 'light-leave-guard')
    }
    await admin.getByRole('button', { name: 'Keep editing' }).click()
    await question(admin).waitFor({ state: 'hidden' })
    expect(where(admin)).toBe(path)
    expect(await box(admin).inputValue()).toBe('Half a thought')

    // The browser's own button.
    await admin.evaluate(() => history.back())
    await question(admin).waitFor()
    await expect.poll(() => where(admin)).toBe(path)
    await admin.getByRole('button', { name: 'Keep editing' }).click()
    expect(await box(admin).inputValue()).toBe('Half a thought')
    await admin.evaluate(() => history.back())
    await question(admin).waitFor()
    await admin.getByRole('button', { name: 'Discard' }).click()
    await admin.waitForURL(contoso.tandem + back)
    await question(admin).waitFor({ state: 'hidden' })
  })
}

story('a form that is closed with the tab asks in the browser’s words, and one that was saved does not ask', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/macros/new`)
  await box(admin).fill('Saved thought')
  const asked = admin.waitForEvent('dialog')
  const leaving = admin.goto(`${contoso.tandem}/tickets`).catch(() => undefined)
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss()
  await leaving
  expect(await box(admin).inputValue()).toBe('Saved thought')

  await admin.getByRole('button', { name: 'Add action' }).click()
  await admin.getByRole('combobox', { name: 'Action' }).first().selectOption('status')
  await admin.getByRole('button', { name: 'Save' }).click()
  await admin.waitForURL(`${contoso.tandem}/admin/macros`)
  await admin.getByRole('link', { name: 'Saved thought' }).waitFor()
  const { macros } = await api<{ macros: { id: number; title: string }[] }>('GET', '/macros')
  for (const one of macros) if (one.title === 'Saved thought') await api('DELETE', `/macros/${one.id}`)
})
