import type { Locator, Page } from 'playwright-core'
import { contoso } from '../support/contoso'
import { api } from '../support/desk'
import { barriers, fitsItsWidth, picture } from '../support/pages'
import { expect, story } from '../support/story'
import english from '../../../web/src/i18n/en.json'
import japanese from '../../../web/src/i18n/ja.json'

// Small forms in dialogs: what is refused stands at its field, and nothing that was written is lost by a slip.

type Words = typeof english | typeof japanese

interface Form {
  name: string
  path: string
  open: (words: Words) => string
  submit: (words: Words) => string
  /** Writes what the server refuses, and gives the field where that is said. */
  mistake?: (dialog: Locator, words: Words) => Promise<Locator>
  refusal?: string
}

const box = (dialog: Locator, label: string) => dialog.locator('input, textarea').and(dialog.getByLabel(label)).first()

const forms: Form[] = [
  {
    name: 'secret',
    path: '/admin/tenants/1',
    open: (words) => words.credential.add_secret,
    submit: (words) => words.credential.add_and_try,
    refusal: "This is the secret's id, not its value.",
    mistake: async (dialog, words) => {
      const secret = box(dialog, words.credential.secret)
      await secret.fill('b2e0a5f0-0f0b-4a3e-9c55-0f9a6a3c3b11')
      return secret
    },
  },
  {
    name: 'certificate',
    path: '/admin/tenants/1',
    open: (words) => words.credential.make_certificate,
    submit: (words) => words.credential.make,
  },
  {
    name: 'upload',
    path: '/admin/tenants/1',
    open: (words) => words.credential.upload_certificate,
    submit: (words) => words.credential.add_and_try,
    refusal: 'The file holds no certificate with a private key.',
    mistake: async (dialog, words) => {
      const file = box(dialog, words.credential.file)
      await file.setInputFiles({ name: 'notes.pem', mimeType: 'text/plain', buffer: Buffer.from('Not a certificate') })
      return file
    },
  },
  {
    name: 'brand',
    path: '/admin/brands',
    open: (words) => words.brands.add,
    submit: (words) => words.action.save,
    refusal: 'There is a brand "Contoso" already.',
    mistake: async (dialog, words) => {
      const name = box(dialog, words.brands.name)
      await name.fill('Contoso')
      return name
    },
  },
  {
    name: 'outbound',
    path: '/admin/email',
    open: (words) => words.outbound.add,
    submit: (words) => words.outbound.add,
    refusal: '"nonsense" is neither a mail address nor a domain.',
    mistake: async (dialog, words) => {
      const address = box(dialog, words.address.address)
      await address.fill('nonsense')
      return address
    },
  },
]

const openForm = async (page: Page, form: Form, words: Words) => {
  await page.goto(contoso.tandem + form.path)
  await page.getByRole('main').getByRole('button', { name: form.open(words) }).click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  return dialog
}

story('a form says at the field what is wrong, and takes Escape for a slip once something is written', async ({ visit }) => {
  const page = await (await visit()).open('/admin')
  for (const form of forms) {
    const dialog = await openForm(page, form, english)
    await picture(page, `light-dialog-${form.name}`)
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' }) // nothing was written, nothing is asked
    if (!form.mistake) continue

    await openForm(page, form, english)
    const field = await form.mistake(dialog, english)
    await dialog.getByRole('button', { name: form.submit(english) }).click()
    await dialog.getByRole('alert').getByText(form.refusal!).waitFor()
    await expect.poll(() => field.evaluate((element) => element === document.activeElement && element.getAttribute('aria-invalid'))).toBe('true')
    const described = await field.evaluate((element) =>
      (element.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent).join(' '),
    )
    expect(described).toContain(form.refusal)
    await picture(page, `light-dialog-${form.name}-refused`)
    expect(await barriers(page)).toEqual([])

    await page.keyboard.press('Escape')
    const question = page.getByRole('alertdialog')
    await question.getByText('Discard what you have entered?').waitFor()
    if (form.name === 'brand') await picture(page, 'light-dialog-discard')
    await question.getByRole('button', { name: 'Keep editing' }).click()
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    await question.getByRole('button', { name: 'Discard' }).click()
    await dialog.waitFor({ state: 'detached' })
  }
})

story('a form that is sent twice is taken once', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/teams`)
  await admin.getByRole('button', { name: english.team.add }).click()
  const dialog = admin.getByRole('dialog')
  const sent: string[] = []
  admin.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/groups')) sent.push(request.url())
  })
  await box(dialog, english.team.name).fill('Twice')
  await dialog.getByRole('button', { name: english.team.create }).dblclick()
  await admin.getByRole('heading', { name: 'Twice' }).waitFor()
  expect(sent).toHaveLength(1)
  const { groups } = await api<{ groups: { id: number; name: string }[] }>('GET', '/groups')
  for (const { id } of groups.filter(({ name }) => name === 'Twice')) await api('DELETE', `/groups/${id}`)
})

story('forms have room in Japanese, in the dark, on a telephone', async ({ visit }) => {
  const page = await (await visit({ language: 'ja', theme: 'dark', width: 400, height: 860 })).open('/admin')
  for (const form of forms) {
    const dialog = await openForm(page, form, japanese)
    await picture(page, `narrow-dialog-${form.name}-ja`)
    if (form.mistake) {
      await form.mistake(dialog, japanese)
      await dialog.getByRole('button', { name: form.submit(japanese) }).click()
      await dialog.getByRole('alert').waitFor()
      await picture(page, `narrow-dialog-${form.name}-refused-ja`)
    }
    expect(await barriers(page)).toEqual([])
    await fitsItsWidth(page)
    expect(await dialog.evaluate((surface) => surface.scrollWidth <= surface.clientWidth)).toBe(true)
  }
})
