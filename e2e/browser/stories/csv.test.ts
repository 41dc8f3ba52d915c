import { readFile, writeFile } from 'node:fs/promises'
import { contoso } from '../support/contoso'
import { api } from '../support/desk'
import { barriers, fitsItsWidth, picture, settled } from '../support/pages'
import { expect, story } from '../support/story'

const file = (name: string, text: string | Buffer) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text as string) })

story('people come from a file: looked at line by line, imported, and what was left out is corrected', async ({ admin, visit }) => {
  await admin.goto(`${contoso.tandem}/admin/people?role=end-user`)
  await admin.getByRole('button', { name: 'CSV' }).click()
  await picture(admin, 'light-csv-menu')
  expect(await admin.getByRole('menuitem', { name: 'Export' }).getAttribute('href')).toContain('/users/export.csv?role%5B%5D=end-user')
  await admin.getByRole('menuitem', { name: 'Import…' }).click()
  await admin.getByText('Drop a CSV file here').waitFor()
  await picture(admin, 'light-csv-choose')
  expect(await barriers(admin)).toEqual([])

  // A file as Excel in Brazil saves it.
  const people = [
    'name;email;tags;notes',
    'Conceição Açaí;conceicao@csv.example;vip;"primeira linha\nsegunda linha"',
    'João;joao@csv.example;;',
    'João de novo;joao@csv.example;;',
    'Ana;agent1@contoso.example;;',
    'Suporte;support@contoso.example;;',
  ].join('\r\n')
  await admin.getByLabel('CSV file').setInputFiles({ ...file('pessoas.csv', ''), buffer: Buffer.from(people, 'latin1') })
  await admin.getByText('2 will be added').waitFor()
  await admin.getByText('3 have a problem and are left out').waitFor()
  await admin.getByText(/Line 4 has the same email/).waitFor()
  await admin.getByText('support@contoso.example is one of our own support addresses.').waitFor()
  await admin.getByText('name: Conceição Açaí').waitFor()
  expect(await admin.getByLabel('Encoding').inputValue()).toBe('windows-1252')
  expect(await admin.getByLabel('Separator').inputValue()).toBe('semicolon')
  await picture(admin, 'light-csv-looked')
  expect(await barriers(admin)).toEqual([])

  // Read in another way, it says what it does not understand; and back again.
  await admin.getByLabel('Separator').selectOption('comma')
  await admin.getByText(/names columns that Tandem does not know/).waitFor()
  await picture(admin, 'light-csv-misread')
  await admin.getByLabel('Separator').selectOption('semicolon')
  await admin.getByRole('button', { name: 'Import 2 lines' }).waitFor()

  const japanese = await visit({ language: 'ja', theme: 'dark', width: 400 })
  const narrow = await japanese.open(admin.url().replace(contoso.tandem, ''))
  await narrow.getByText('追加 2 件').waitFor()
  await fitsItsWidth(narrow)
  await picture(narrow, 'narrow-csv-looked')
  expect(await barriers(narrow)).toEqual([])

  await admin.getByRole('button', { name: 'Import 2 lines' }).click()
  await admin.getByText('2 of 5 lines are imported.').waitFor()
  await admin.getByText('3 lines were left out.').waitFor()
  await admin.getByText(/Line 4 has the same email/).waitFor()
  await picture(admin, 'light-csv-done')
  expect(await barriers(admin)).toEqual([])
  const found = await api<{ users: { name: string; notes: string }[] }>('GET', '/users.json?query=csv.example')
  expect(found.users.map(({ name }) => name).sort()).toEqual(['Conceição Açaí', 'João'])

  // What was left out comes as a file, which can be corrected and imported.
  const [download] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('link', { name: 'Download the lines left out' }).click()])
  const path = await download.path()
  const rest = await readFile(path, 'utf8')
  expect(rest).toContain('Line 4 has the same email.')
  await writeFile(path, rest.replace('joao@csv.example', 'joao2@csv.example'))
  await admin.reload()
  await admin.getByText('3 lines were left out.').waitFor()
  await admin.getByRole('button', { name: 'Choose another file' }).click()
  await admin.getByLabel('CSV file').setInputFiles(file('corrected.csv', await readFile(path, 'utf8')))
  await admin.getByRole('button', { name: 'Import 1 line' }).click()
  await admin.getByText('1 of 3 lines is imported.').waitFor()
  await admin.getByRole('link', { name: 'To the requesters' }).click()
  await settled(admin)
  await admin.getByRole('link', { name: 'João de novo' }).waitFor()
})

story('an export of organizations that nobody edited changes nothing', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/organizations`)
  await admin.getByRole('button', { name: 'CSV' }).click()
  const [download] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('menuitem', { name: 'Export' }).click()])
  await admin.getByRole('button', { name: 'CSV' }).click()
  await admin.getByRole('menuitem', { name: 'Import…' }).click()
  await admin.getByLabel('CSV file').setInputFiles(await download.path())
  await admin.getByText(/stays? as (it is|they are)/).waitFor()
  expect(await admin.getByRole('button', { name: 'Nothing to import' }).isDisabled()).toBe(true)
  await picture(admin, 'light-csv-unchanged')

  // Teams go out only.
  await admin.goto(`${contoso.tandem}/admin/teams`)
  await admin.getByRole('button', { name: 'CSV' }).click()
  await admin.getByRole('menuitem', { name: 'Export' }).waitFor()
  expect(await admin.getByRole('menuitem', { name: 'Import…' }).count()).toBe(0)
})

story('a file is dropped on the page, and looking at it can be stopped', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/admin/organizations/import`)
  const place = admin.getByText('Drop a CSV file here')
  const drop = async () => {
    const data = await admin.evaluateHandle(() => {
      const dragged = new DataTransfer()
      dragged.items.add(new File(['name,notes\nDropped House,By a mouse\n'], 'dropped.csv', { type: 'text/csv' }))
      return dragged
    })
    await place.dispatchEvent('dragover', { dataTransfer: data })
    await picture(admin, 'light-csv-drop')
    await place.dispatchEvent('drop', { dataTransfer: data })
  }

  // A long file takes its time.
  await admin.route('**/organizations/import.csv?**', () => undefined)
  await drop()
  await admin.getByRole('progressbar', { name: 'Looking at the file…' }).waitFor()
  await admin.getByText('Nothing is changed yet', { exact: false }).waitFor()
  await picture(admin, 'light-csv-looking')
  expect(await barriers(admin)).toEqual([])
  await admin.getByRole('button', { name: 'Cancel' }).click()
  await place.waitFor()
  expect(await admin.getByRole('alert').count()).toBe(0)

  await admin.unroute('**/organizations/import.csv?**')
  await drop()
  await admin.getByText('1 will be added').waitFor()
  await admin.getByRole('button', { name: 'Choose another file' }).click()
  await place.waitFor()
})
