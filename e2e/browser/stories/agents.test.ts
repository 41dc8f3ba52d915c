import type { Page } from 'playwright-core'
import { api } from '../support/desk'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'
import { openContoso } from '../support/world'

// How one is found among many colleagues; they work at a Contoso of their own.

const many = 500

/** Adds agents called "Colleague 1 of many" and so on, and gives the number of the first ticket. */
async function crowd(at: string): Promise<number> {
  const agents = Array.from({ length: many }, (_, i) => ({ name: `Colleague ${i + 1} of many`, email: `colleague${i + 1}@contoso.example`, role: 'agent' }))
  for (let i = 0; i < many; i += 100) {
    const { job_status } = await api<{ job_status: { id: string } }>('POST', '/users/create_many', { users: agents.slice(i, i + 100) }, at)
    const ended = async () => (await api<{ job_status: { status: string } }>('GET', `/job_statuses/${job_status.id}`, undefined, at)).job_status.status
    await expect.poll(ended, { timeout: 30_000 }).toBe('completed')
  }
  const { tickets } = await api<{ tickets: { id: number; status: string }[] }>('GET', '/tickets?status=open', undefined, at)
  return tickets[0]!.id
}

const options = (page: Page) => page.getByRole('listbox').getByRole('option')

story('among hundreds of agents, one is found by typing, by name or address, with the keyboard alone', async ({ visit }) => {
  const { tandem } = await openContoso()
  try {
    const ticket = await crowd(tandem.url)
    const stored = async () => (await api<{ ticket: { assignee_id: number | null; follower_ids: number[] } }>('GET', `/tickets/${ticket}`, undefined, tandem.url)).ticket
    const nameOf = async (id: number | null) => id && (await api<{ user: { name: string } }>('GET', `/users/${id}`, undefined, tandem.url)).user.name
    const page = await (await visit({ at: tandem.url })).open(`/tickets/${ticket}`)
    const properties = page.getByRole('complementary', { name: 'Properties' })
    await properties.getByRole('combobox', { name: 'Team' }).selectOption('–')
    await expect.poll(async () => (await api<{ ticket: { group_id: number | null } }>('GET', `/tickets/${ticket}`, undefined, tandem.url)).ticket.group_id).toBeNull()

    // Oneself first, then nobody, then the first of each team, and how many are not shown.
    const assignee = properties.getByRole('combobox', { name: 'Assignee' })
    await assignee.click()
    await options(page).first().waitFor()
    expect((await options(page).allInnerTexts()).slice(0, 2).map((text) => text.split('\n')[0])).toEqual(['Alma Torres (me)', 'Nobody'])
    await page.getByRole('group', { name: 'No team' }).waitFor()
    await page.getByText(/^\d+ more\. Type to find them\.$/).waitFor()
    expect(await options(page).count()).toBeLessThan(60)
    await picture(page, 'light-agents')
    expect(await barriers(page)).toEqual([])

    // Any word of name or address will do; the only one left is taken by Enter.
    await page.keyboard.type('437 many')
    await options(page).filter({ hasText: 'Colleague 437 of many' }).waitFor()
    expect(await options(page).count()).toBe(1)
    await page.keyboard.press('Enter')
    await expect.poll(async () => nameOf((await stored()).assignee_id)).toBe('Colleague 437 of many')
    await expect.poll(() => assignee.inputValue()).toBe('Colleague 437 of many')

    // Several are left: Enter takes none of them, the arrows choose.
    await assignee.press('ArrowDown')
    await page.keyboard.type('of many')
    await options(page).nth(5).waitFor()
    await page.keyboard.press('Enter')
    await options(page).nth(5).waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => assignee.inputValue()).toBe('Colleague 437 of many')
    expect(await nameOf((await stored()).assignee_id)).toBe('Colleague 437 of many')
    await assignee.press('ArrowDown')
    await page.keyboard.type('Nob')
    await options(page).filter({ hasText: 'Nobody' }).waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(async () => (await stored()).assignee_id).toBeNull()

    await properties.getByRole('combobox', { name: 'Followers' }).fill('Colleague 500')
    await options(page).filter({ hasText: 'Colleague 500 of many' }).click()
    await properties.getByRole('button', { name: 'Remove the follower Colleague 500 of many' }).waitFor()
    expect(await Promise.all((await stored()).follower_ids.map(nameOf))).toContain('Colleague 500 of many')

    const narrow = await (await visit({ at: tandem.url, width: 400, height: 860, theme: 'dark', language: 'ja' })).open(`/tickets/${ticket}?pane=properties`)
    await narrow.getByRole('combobox', { name: '担当者' }).click()
    await options(narrow).first().waitFor()
    await picture(narrow, 'narrow-agents-ja')
    expect(await barriers(narrow)).toEqual([])
    await fitsItsWidth(narrow)
    await Promise.all([page, narrow].map((one) => one.context().close()))
  } finally {
    await tandem.stop()
  }
}, 120_000)
