import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture, settled } from '../support/pages'
import { expect, story } from '../support/story'

interface Said {
  comment: { id: number; file_links: { url: string }[] }
}

/** Sends a reply with a file, and returns where its link leads. */
async function send(ticket: number, name: string, size: number): Promise<string> {
  const answer = await fetch(`${contoso.tandem}/api/v2/uploads?filename=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa('admin@contoso.example/token:demo-token')}`, 'Content-Type': 'application/zip' },
    body: new Uint8Array(size).fill(65),
  })
  const { upload } = (await answer.json()) as { upload: { token: string } }
  const said = await api<Said>('PUT', `/tickets/${ticket}`, {
    ticket: { comment: { body: 'The film of the assembly.', uploads: [upload.token] } },
  })
  return said.comment.file_links[0]!.url
}

async function ticket(subject: string): Promise<number> {
  await microsoft.mail({ from: 'kim@customer.example', name: 'Kim', subject, text: 'How is it put together?' })
  return ticketOf(subject)
}

story('a file that is too large leaves as a link, which can be revoked and renewed', async ({ visit }) => {
  const visitor = await visit({ forgive: /status of 410/ })
  const page = await visitor.open('/admin/attachments')
  await settled(page)
  const limit = page.getByRole('spinbutton', { name: 'Attach up to (MB)' })
  await limit.fill('1')
  await limit.press('Tab')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved').first().waitFor()

  const id = await ticket('The assembly')
  const link = await send(id, 'assembly.zip', 2 << 20)
  await page.goto(new URL(`/tickets/${id}`, page.url()).href)
  const links = page.getByRole('list', { name: 'Files sent as links' })
  await links.getByText('Link works').waitFor()
  await links.getByText('0 downloads').waitFor()

  const stranger = await visit({ as: null, forgive: /status of 410/ })
  const there = await stranger.open(link)
  await there.getByRole('heading', { name: 'assembly.zip' }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await there.emulateMedia({ colorScheme })
    await picture(there, `${colorScheme}-file-link`)
    expect(await barriers(there)).toEqual([])
  }
  const downloading = there.waitForEvent('download')
  await there.getByRole('link', { name: 'Download' }).click()
  expect((await downloading).suggestedFilename()).toBe('assembly.zip')

  await page.reload()
  await links.getByText('1 download').waitFor()
  await links.getByRole('button', { name: 'Actions for the link to assembly.zip' }).click()
  await page.getByRole('menuitem', { name: 'Revoke link' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke link' }).click()
  await links.getByText('Link revoked').waitFor()
  await there.reload()
  await there.getByRole('heading', { name: 'This link was taken back by its sender.' }).waitFor()
  await picture(there, 'dark-file-link-revoked')

  await links.getByRole('button', { name: 'Actions for the link to assembly.zip' }).click()
  await page.getByRole('menuitem', { name: 'Renew link' }).click()
  await links.getByText('Link works').waitFor()
  await there.reload()
  await there.getByRole('heading', { name: 'assembly.zip' }).waitFor()
})

story('malware, files set aside and files not scanned yet say what they are', async ({ visit }) => {
  const id = await ticket('Three odd files')
  const visitor = await visit({ width: 400, height: 860 })
  // What the scanner and an oversized mail bring cannot be had in the demo.
  await visitor.context.route(`**/api/v2/tickets/${id}/comments*`, async (route) => {
    const answer = await route.fetch()
    const shown = (await answer.json()) as { comments: { attachments: object[]; set_aside: object }[] }
    const file = { content_type: 'application/pdf', size: 1234567, inline: false, content_id: null, thumbnails: [], deleted: false, mapped_content_url: '', content_url: `${contoso.tandem}/attachments/token/x/?name=x` }
    shown.comments[0]!.attachments = [
      { ...file, id: 901, file_name: 'invoice.pdf', scan_state: 'malware', scan_finding: 'Win.Trojan.Agent', set_aside: false },
      { ...file, id: 902, file_name: 'plan-of-the-house-with-a-very-long-name.dwg', scan_state: 'not_scanned', scan_finding: '', set_aside: true },
      { ...file, id: 903, file_name: 'backup.iso', scan_state: 'failed', scan_finding: 'too_large', set_aside: false },
      { ...file, id: 904, file_name: 'letter.docx', scan_state: 'waiting', scan_finding: '', set_aside: false },
    ]
    shown.comments[0]!.set_aside = { mail_id: 1, size: 210_000_000, state: 'at_microsoft', error_code: '', message: '', remedy: '' }
    await route.fulfill({ response: answer, json: shown })
  })
  const page = await visitor.open(`/tickets/${id}`)
  await page.getByText('This mail has 210 MB').waitFor()
  await page.getByText('Malware: Win.Trojan.Agent').waitFor()
  expect(await page.getByRole('link', { name: 'invoice.pdf' }).count()).toBe(0)
  await page.getByRole('button', { name: 'Fetch now' }).waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await picture(page, `${colorScheme}-odd-files`)
    expect(await barriers(page)).toEqual([])
  }
  await fitsItsWidth(page)

  await page.getByRole('button', { name: 'Download all the same' }).first().click()
  const dialog = page.getByRole('alertdialog')
  await dialog.getByText('Opening it can harm').waitFor()
  expect(await dialog.getByRole('button', { name: 'Download all the same' }).isDisabled()).toBe(true)
  await dialog.getByRole('textbox').fill('invoice.pdf')
  expect(await dialog.getByRole('button', { name: 'Download all the same' }).isDisabled()).toBe(false)
})
