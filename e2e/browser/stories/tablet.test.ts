import type { Page } from 'playwright-core'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'

// The desk under fingers: everything can be reached without a mouse, and is large enough to be hit.

for (const [held, width, height] of [
  ['upright', 820, 1180],
  ['lying', 1180, 820],
] as const) {
  story(`on a tablet held ${held}, an agent answers, sets properties and changes several tickets`, async ({ visit }) => {
    const subject = `Written for a tablet ${held}`
    await microsoft.mail({ from: 'tabea@customer.example', name: 'Tabea Touch', subject, text: 'Do your fingers fit?' })
    const ticket = await ticketOf(subject)
    const page = await (await visit({ as: 'agent1@contoso.example', width, height, touch: true })).open('/tickets?view=all')
    const row = page.getByRole('row').filter({ hasText: subject })
    await row.waitFor()
    await picture(page, `tablet-${held}-list`)
    expect(await tooSmall(page)).toEqual([])
    await fitsItsWidth(page)

    await row.getByText(subject).tap()
    await page.getByRole('textbox', { name: 'Write a reply to the requester' }).tap()
    await page.keyboard.type('They fit.')
    await picture(page, `tablet-${held}-ticket`)
    expect(await tooSmall(page)).toEqual([])
    await fitsItsWidth(page)
    await page.getByRole('button', { name: 'Submit with another status' }).tap()
    await picture(page, `tablet-${held}-submit`)
    expect(await tooSmall(page)).toEqual([])
    await page.getByRole('menuitem', { name: 'Submit as pending' }).tap()
    await page.getByRole('main').getByText('They fit.').waitFor()

    const properties = page.getByRole('complementary', { name: 'Properties' })
    await properties.getByRole('combobox', { name: 'Assignee' }).tap()
    await page.getByRole('option', { name: 'Aiko Tanaka (me)' }).waitFor()
    await picture(page, `tablet-${held}-assignee`)
    expect(await tooSmall(page)).toEqual([])
    await page.getByRole('option', { name: 'Aiko Tanaka (me)' }).tap()
    const stored = async () => (await api<{ ticket: { status: string; assignee_id: number | null } }>('GET', `/tickets/${ticket}`)).ticket
    await expect.poll(async () => (await stored()).assignee_id).not.toBeNull()
    expect((await stored()).status).toBe('pending')

    await page.getByRole('link', { name: 'Back to the list' }).tap()
    await row.getByRole('checkbox').tap()
    const bar = page.getByRole('toolbar', { name: 'Actions for the chosen tickets' })
    await bar.waitFor()
    await picture(page, `tablet-${held}-bulk`)
    expect(await tooSmall(page)).toEqual([])
    expect(await barriers(page)).toEqual([])
    await fitsItsWidth(page)
    await bar.getByRole('combobox', { name: 'Set status' }).selectOption('Solved')
    await expect.poll(async () => (await stored()).status).toBe('solved')
  })
}

/** What a fingertip would miss: controls of less than 44 pixels. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>(
      'button, select, [role=menuitem], [role=option], [role=tab], nav a, input:not([type=hidden]), [role=combobox]',
    )
    return [...controls].flatMap((control) => {
      // A box is as large as the frame around it.
      const frame = control.closest<HTMLElement>('.fui-Input, .fui-Combobox, .fui-SpinButton, .fui-Checkbox, .fui-Switch, .fui-TableSelectionCell') ?? control
      const { width, height } = frame.getBoundingClientRect()
      const seen = control.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && width > 1 && height > 1
      return seen && (height < 44 || width < 44)
        ? [`${Math.round(width)} × ${Math.round(height)}: ${control.getAttribute('aria-label') ?? control.textContent ?? ''} ${control.outerHTML.slice(0, 120)}`]
        : []
    })
  })
}
