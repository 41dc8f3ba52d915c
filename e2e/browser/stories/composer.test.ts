import type { Locator, Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { api, ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'
import japanese from '../../../web/src/i18n/ja.json'

// How agents write: formed text, pictures in it, drafts, Japanese.

const open = async (subject: string, from = 'mika@customer.example') => {
  await microsoft.mail({ from, name: 'Mika Laine', subject, text: 'Which button is it?' })
  return ticketOf(subject)
}
const answerIn = (page: Page) => page.getByRole('region', { name: 'Answer' })
const textIn = (page: Page) => answerIn(page).getByRole('textbox', { name: 'Write a reply to the requester' })
// ProseMirror puts empty images of its own beside pictures, for the caret.
const pictureIn = (page: Page) => textIn(page).locator('img:not(.ProseMirror-separator)')
const reply = (page: Page) => page.getByRole('article', { name: 'Reply by Alma Torres' })
const goTo = (page: Page, ticket: number) => page.goto(`${contoso.tandem}/tickets/${ticket}`)

/** A red PNG of four by four points. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jngAAAABJRU5ErkJggg=='

/** Lets go of something on the clipboard over the box. */
const paste = (box: Locator, clipboard: { html?: string; text?: string; png?: string; size?: number }) =>
  box.evaluate((element, { html, text, png, size }) => {
    const data = new DataTransfer()
    if (html !== undefined) data.setData('text/html', html)
    if (text !== undefined) data.setData('text/plain', text)
    if (png !== undefined) {
      const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0))
      data.items.add(new File([bytes, new Uint8Array(size ?? 0)], 'image.png', { type: 'image/png' }))
    }
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, clipboard)

interface Draft {
  reply: { html_body: string; uploads: unknown[] }
}
const draftOf = async (ticket: number) => (await api<{ draft: Draft }>('GET', `/tickets/${ticket}/draft`)).draft.reply

story('a pasted picture stands in the reply, in the mail and on the ticket', async ({ admin }) => {
  const subject = 'Which button'
  const ticket = await open(subject, 'agent7@contoso.example')
  await goTo(admin, ticket)
  await textIn(admin).click()
  await admin.keyboard.type('It is this one: ')
  await paste(textIn(admin), { png })
  const shown = pictureIn(admin)
  await expect.poll(() => shown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(4)
  await shown.click()
  await answerIn(admin).getByRole('button', { name: 'Alternative text' }).click()
  await admin.getByRole('textbox', { name: 'Alternative text' }).fill('The red button')
  await admin.keyboard.press('Escape')
  await textIn(admin).getByRole('img', { name: 'The red button' }).waitFor()
  await picture(admin, 'light-composer-picture')

  await answerIn(admin).getByRole('button', { name: 'Submit as open' }).click()
  await reply(admin).getByText(/^Sent/).waitFor()
  const inside = reply(admin).locator('iframe').contentFrame().getByRole('img', { name: 'The red button' })
  await expect.poll(() => inside.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(4)
  expect(await reply(admin).getByRole('list', { name: 'Attachments' }).count()).toBe(0)

  const colleague = 'agent7@contoso.example'
  const inbox = () => microsoft.folder(colleague, 'inbox', `Re: ${subject}`)
  await expect.poll(async () => (await inbox()).length).toBe(1)
  const [received] = await inbox()
  expect(received!.attachments).toMatchObject([{ inline: true }])
  const source = await microsoft.source(colleague, received!.id)
  expect(source).toContain('multipart/related')
  expect(source).toContain(`cid:${received!.attachments[0]!.content_id}`)
  expect(source).not.toContain('/attachments/token/')
  expect((await draftOf(ticket)).html_body).toBe('')
})

story('a picture that was taken out again is not sent', async ({ admin }) => {
  const subject = 'Never mind the picture'
  const ticket = await open(subject)
  await goTo(admin, ticket)
  await textIn(admin).click()
  await admin.keyboard.type('Press it. ')
  await paste(textIn(admin), { png })
  await pictureIn(admin).waitFor()
  await expect.poll(async () => (await draftOf(ticket)).uploads.length).toBe(1)
  await admin.keyboard.press('Backspace')
  await pictureIn(admin).waitFor({ state: 'detached' })
  await textIn(admin).press('Control+Enter')
  await reply(admin).getByText(/^Sent/).waitFor()
  expect((await microsoft.outbox(`Re: ${subject}`))[0]!.attachments).toEqual([])
})

story('a picture that does not get through can be tried again; one that is too large is refused', async ({ visit }) => {
  const ticket = await open('A picture that does not get through')
  const visitor = await visit({ forgive: /ERR_FAILED/ })
  const page = await visitor.open(`/tickets/${ticket}`)
  await textIn(page).click()
  await page.route('**/api/v2/uploads*', (route) => route.abort())
  await paste(textIn(page), { png })
  const failed = textIn(page).getByRole('alert')
  await failed.waitFor()
  expect(await answerIn(page).getByRole('button', { name: 'Submit as open' }).isDisabled()).toBe(true)
  await picture(page, 'light-composer-failed')
  await page.unroute('**/api/v2/uploads*')
  await failed.getByRole('button', { name: 'Try again' }).click()
  await pictureIn(page).waitFor()
  await expect.poll(() => answerIn(page).getByRole('button', { name: 'Submit as open' }).isEnabled()).toBe(true)

  await paste(textIn(page), { png, size: 30 << 20 })
  await failed.getByText('is larger than 10 MB').waitFor()
  expect(await failed.getByRole('button', { name: 'Try again' }).count()).toBe(0)
  await failed.getByRole('button', { name: 'Remove picture' }).click()
  await failed.waitFor({ state: 'detached' })
})

story('text is formed by keys and buttons, and leaves as simple HTML', async ({ admin }) => {
  const subject = 'In good form'
  const ticket = await open(subject)
  await goTo(admin, ticket)
  await textIn(admin).click()
  const bar = answerIn(admin).getByRole('toolbar', { name: 'Formatting' })
  await admin.keyboard.press('Control+b')
  await admin.keyboard.type('Bold')
  await admin.keyboard.press('Control+b')
  await admin.keyboard.press('Enter')
  await bar.getByRole('button', { name: 'Numbered list' }).click()
  await admin.keyboard.type('First')
  await admin.keyboard.press('Enter')
  await admin.keyboard.type('Second')
  await admin.keyboard.press('Control+k')
  const address = admin.getByRole('textbox', { name: 'Address' })
  await address.fill('javascript:alert(1)')
  await address.press('Enter')
  await admin.getByText('Enter a web address or a mail address.').waitFor()
  await address.fill('contoso.example/manual')
  await address.press('Enter')
  await expect.poll(async () => (await draftOf(ticket)).html_body).toContain('href="https://contoso.example/manual"')
  expect(await bar.getByRole('button', { name: 'Numbered list' }).getAttribute('aria-pressed')).toBe('true')
  await textIn(admin).press('Control+Enter')
  await reply(admin).getByText(/^Sent/).waitFor()
  const { comments } = await api<{ comments: { html_body: string; plain_body: string }[] }>('GET', `/tickets/${ticket}/comments`)
  expect(comments.at(-1)!.html_body).toMatch(/^<p><strong>Bold<\/strong><\/p><ol><li>First<\/li><li>Second/)
  expect(comments.at(-1)!.plain_body).toMatch(/^Bold\n\n1\. First\n2\. Second/)
})

story('what is pasted runs nothing, calls nobody and comes out clean', async ({ visit }) => {
  const ticket = await open('A poisoned clipboard')
  // Chromium reports each handler that it refuses, even in a document that could not run it.
  const visitor = await visit({ forgive: /Executing inline event handler/ })
  const page = await visitor.open(`/tickets/${ticket}`)
  await textIn(page).click()
  await paste(textIn(page), {
    html: `<style>p{color:red}</style><p>Prize <a href="javascript:top.pwned=1">here</a><script>top.pwned=2</script></p>
      <img src="x" onerror="top.pwned=3"><img src="https://spy.example/pixel.png"><svg onload="top.pwned=4"></svg>
      <iframe srcdoc="<script>top.pwned=5</script>"></iframe><form action="https://thief.example"><input name="p"></form>
      <p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">1.<span>&nbsp;</span></span>One</p>
      <table><tr><td onclick="top.pwned=6">Cell</td></tr></table>`,
    text: 'Prize here',
  })
  await textIn(page).getByText('Prize here').waitFor()
  await page.getByText('2 pictures from elsewhere were left out.').first().waitFor()
  expect(await textIn(page).locator('script, iframe, form, input, svg, style, [onerror], [onclick], [href^="javascript"]').count()).toBe(0)
  expect(await textIn(page).locator('ol > li').innerText()).toBe('One')
  expect(await textIn(page).locator('td').innerText()).toBe('Cell')
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false)

  await page.keyboard.press('Control+a')
  await paste(textIn(page), { text: 'One\nTwo\n\nThree' })
  await expect.poll(async () => (await draftOf(ticket)).html_body).toBe('<p>One<br>Two</p><p>Three</p>')
})

story('a draft waits on the server: after a reload, in another browser, and never overwritten unseen', async ({ visit }) => {
  const ticket = await open('Two desks, one draft')
  const admin = await (await visit({ forgive: /ERR_INTERNET_DISCONNECTED/ })).open(`/tickets/${ticket}`)
  await textIn(admin).fill('Written at the office')
  await expect.poll(async () => (await draftOf(ticket)).html_body).toContain('office')
  await admin.reload()
  await expect.poll(() => textIn(admin).innerText()).toBe('Written at the office')

  const home = await (await visit()).open(`/tickets/${ticket}`)
  await expect.poll(() => textIn(home).innerText()).toBe('Written at the office')
  await textIn(home).fill('Written at home')
  await expect.poll(() => textIn(admin).innerText()).toBe('Written at home')

  // The office loses its line, and both write on.
  await admin.context().setOffline(true)
  await textIn(admin).fill('Written on the train')
  await answerIn(admin).getByText('Not saved yet.').waitFor()
  await textIn(home).fill('Written in bed')
  await expect.poll(async () => (await draftOf(ticket)).html_body).toContain('bed')
  await admin.context().setOffline(false)
  const question = answerIn(admin).getByRole('alert').filter({ hasText: 'changed in another window' })
  await question.waitFor()
  expect(await textIn(admin).innerText()).toBe('Written on the train')
  await picture(admin, 'light-composer-rival')
  expect((await draftOf(ticket)).html_body).toContain('bed')
  await question.getByRole('button', { name: 'Keep mine' }).click()
  await expect.poll(() => textIn(home).innerText()).toBe('Written on the train')
})

story('a reply can be taken back from another ticket, with all that belonged to it', async ({ admin }) => {
  const subject = 'Too quick by half'
  const ticket = await open(subject)
  const other = await open('Somewhere else')
  await goTo(admin, ticket)
  await textIn(admin).click()
  await admin.keyboard.type('Like this: ')
  await paste(textIn(admin), { png })
  await pictureIn(admin).waitFor()
  await answerIn(admin).locator('input[type=file]').first().setInputFiles({ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('A') })
  await answerIn(admin).getByRole('button', { name: 'Remove plan.txt' }).waitFor()
  await answerIn(admin).getByRole('combobox', { name: 'Add people in copy' }).fill('boss@customer.example')
  await answerIn(admin).getByRole('combobox', { name: 'Add people in copy' }).press('Enter')
  await textIn(admin).press('Control+Enter')
  await admin.getByRole('link', { name: 'Tickets', exact: true }).click()
  await admin.getByRole('link', { name: 'Somewhere else' }).first().click()
  await admin.getByRole('heading', { name: 'Somewhere else' }).waitFor()
  await admin.getByText(`The reply to ticket #${ticket} leaves in`).waitFor()
  await picture(admin, 'light-composer-undo')
  await admin.getByRole('button', { name: 'Undo' }).click()

  await admin.getByRole('heading', { name: subject }).waitFor()
  await expect.poll(() => textIn(admin).innerText()).toContain('Like this:')
  await pictureIn(admin).waitFor()
  await answerIn(admin).getByRole('button', { name: 'Remove plan.txt' }).waitFor()
  await answerIn(admin).getByRole('button', { name: 'Remove boss@customer.example from copy' }).waitFor()
  const { ticket: now } = await api<{ ticket: { email_cc_ids: number[] } }>('GET', `/tickets/${ticket}`)
  expect(now.email_cc_ids).toEqual([])
  expect(await reply(admin).count()).toBe(0)
  expect(other).not.toBe(ticket)

  await textIn(admin).press('Control+Enter')
  await reply(admin).getByText(/^Sent/).waitFor()
  const [sent, ...more] = await microsoft.outbox(`Re: ${subject}`)
  expect(more).toEqual([])
  expect(sent!.attachments.map(({ name, inline }) => [name, inline]).sort()).toEqual([['image.png', true], ['plan.txt', false]])
})

story('Japanese is composed without doubling or losing a character', async ({ visit }) => {
  const ticket = await open('日本語の返信')
  const visitor = await visit({ language: 'ja' })
  const page = await visitor.open(`/tickets/${ticket}`)
  const box = page.getByRole('region', { name: japanese.composer.label }).getByRole('textbox', { name: japanese.composer.reply_label })
  await box.click()
  const keyboard = await visitor.context.newCDPSession(page)
  const compose = async (...steps: string[]) => {
    for (const text of steps) {
      await keyboard.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
    }
    await keyboard.send('Input.insertText', { text: steps.at(-1)! })
  }
  await compose('k', 'こ', 'こんn', 'こんに', 'こんにちは', '今日は')
  await compose('、')
  await page.keyboard.press('Control+b')
  await compose('てn', '点', '点検')
  await page.keyboard.press('Control+b')
  await compose('w', 'を', 'をおねがいします', 'をお願いします。')
  await page.keyboard.press('Enter')
  // Saved in the midst of a word, which goes on as if nothing had been.
  await keyboard.send('Input.imeSetComposition', { text: 'よろ', selectionStart: 2, selectionEnd: 2 })
  await expect.poll(async () => (await draftOf(ticket)).html_body).toContain('よろ')
  await compose('よろし', '宜しく')
  await page.keyboard.press('ArrowLeft')
  await compose('どうz', 'どうぞ')
  await expect.poll(async () => (await draftOf(ticket)).html_body).toBe('<p>今日は、<strong>点検</strong>をお願いします。</p><p>宜しどうぞく</p>')
  expect(await box.innerText()).toBe('今日は、点検をお願いします。\n\n宜しどうぞく')
  await picture(page, 'ja-composer')
})

story('the editor can be used by everybody, in the light, in the dark and on a telephone', async ({ visit }) => {
  const ticket = await open('For everybody')
  const page = await (await visit()).open(`/tickets/${ticket}`)
  await textIn(page).click()
  await page.keyboard.type('Words. ')
  await paste(textIn(page), { html: '<p>A <b>bold</b> word, <code>code</code></p><blockquote>Quoted</blockquote><ul><li>Entry</li></ul><pre>block</pre>', text: 'x' })
  await paste(textIn(page), { png })
  await pictureIn(page).waitFor()
  const found: string[] = []
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    await page.waitForFunction((wanted) => document.documentElement.style.colorScheme === wanted, theme)
    await picture(page, `${theme}-composer`)
    found.push(...(await barriers(page)).map((barrier) => `${theme}: ${barrier}`))
  }
  expect(found).toEqual([])
  await page.setViewportSize({ width: 400, height: 860 })
  await fitsItsWidth(page)
  await picture(page, 'narrow-composer')
})

story('a new ticket survives a reload, and continues the closed one it was begun from', async ({ admin }) => {
  const former = await open('It is over')
  await api('PUT', `/tickets/${former}`, { ticket: { status: 'closed' } })
  await goTo(admin, former)
  await admin.getByRole('button', { name: 'Create follow-up' }).click()
  const message = admin.getByRole('textbox', { name: 'Write to the requester' })
  await message.fill('It is not over yet.')
  await admin.getByRole('textbox', { name: 'Subject' }).fill('It goes on')
  await expect.poll(async () => (await draftOf(0)).html_body).toContain('not over')
  await admin.goto(`${contoso.tandem}/tickets/new`)
  await expect.poll(() => message.innerText()).toBe('It is not over yet.')
  await expect.poll(() => admin.getByRole('textbox', { name: 'Subject' }).inputValue()).toBe('It goes on')
  await admin.goBack()
  await admin.getByRole('button', { name: 'Submit as pending' }).click()
  await admin.getByRole('link', { name: `#${former}` }).waitFor()
  const { tickets } = await api<{ tickets: { followup_source_id: number }[] }>('GET', '/tickets?query=It+goes+on')
  expect(tickets.map((ticket) => ticket.followup_source_id)).toContain(former)
  expect((await draftOf(0)).html_body).toBe('')
})
