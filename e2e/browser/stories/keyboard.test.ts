import type { Locator } from 'playwright-core'
import { contoso } from '../support/contoso'
import { ticketOf } from '../support/desk'
import { microsoft } from '../support/microsoft'
import { expect, story } from '../support/story'

story('an agent works through the list without the mouse', async ({ admin }) => {
  await microsoft.mail({ from: 'k@customer.example', subject: 'Lost in the keyboard', text: 'Where is Any?' })
  await ticketOf('Lost in the keyboard')
  await admin.goto(`${contoso.tandem}/tickets`)
  const links = admin.getByRole('table').getByRole('link')
  await links.first().waitFor()
  const inFocus = () => links.evaluateAll((all) => all.findIndex((link) => link === document.activeElement))

  await admin.keyboard.press('j')
  await admin.keyboard.press('j')
  await admin.keyboard.press('j')
  await admin.keyboard.press('k')
  expect(await inFocus()).toBe(1)
  await admin.keyboard.press('x')
  await admin.getByRole('toolbar').getByText('1 chosen').waitFor()
  await admin.keyboard.press('x')
  await admin.getByRole('toolbar').waitFor({ state: 'hidden' })

  await admin.keyboard.press('?')
  const help = admin.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await help.getByText('Write an internal note').waitFor()
  await admin.keyboard.press('Escape')
  await help.waitFor({ state: 'hidden' })

  await admin.keyboard.press('/')
  await admin.keyboard.type('Lost in the keyboard')
  await admin.keyboard.press('Enter')
  await admin.waitForURL('**/search**')
  await admin.getByRole('main').getByRole('link', { name: /Lost in the keyboard/ }).first().press('Enter')
  await admin.getByRole('heading', { name: 'Lost in the keyboard' }).waitFor()

  await admin.keyboard.press('r')
  const text = admin.getByRole('textbox', { name: 'Write a reply to the requester' })
  await expect.poll(() => text.evaluate((box) => box === document.activeElement)).toBe(true)
  await admin.keyboard.type('Any is what you like best.')
  await admin.keyboard.press('Control+Enter')
  await admin.getByRole('article', { name: 'Reply by Alma Torres' }).getByText('Any is what you like best.').waitFor()

  // The caret stays in the text; Escape gives the single keys back.
  await expect.poll(() => text.evaluate((box) => box === document.activeElement)).toBe(true)
  await admin.keyboard.press('Escape')
  await admin.keyboard.press('u')
  await admin.getByRole('checkbox', { name: 'Choose all' }).waitFor()
})

story('a condition that is added has the keys, and the button again when it is removed', async ({ admin }) => {
  await admin.goto(`${contoso.tandem}/views/new`)
  const conditions = admin.locator('fieldset').first()
  const add = conditions.getByRole('button', { name: 'Add condition' })
  await add.press('Enter')
  const field = conditions.getByRole('combobox', { name: 'What is looked at' }).last()
  await expect.poll(() => field.evaluate((box) => box === document.activeElement)).toBe(true)
  await conditions.getByRole('button', { name: /^Remove line/ }).last().press('Enter')
  await expect.poll(() => add.evaluate((box) => box === document.activeElement)).toBe(true)
})

story('the ticket that was chosen below the search has the keys, not the search', async ({ admin }) => {
  await microsoft.mail({ from: 'k@customer.example', subject: 'Straight to the point', text: 'Why?' })
  const ticket = await ticketOf('Straight to the point')
  await admin.getByRole('table').getByRole('link').first().waitFor()
  await admin.keyboard.press('/')
  await admin.keyboard.type('Straight to the point')
  await admin.getByRole('option', { name: new RegExp(`#${ticket}`) }).waitFor()
  await admin.keyboard.press('ArrowDown')
  await admin.keyboard.press('Enter')
  await admin.getByRole('heading', { name: 'Straight to the point' }).waitFor()
  await admin.keyboard.press('r')
  const text = admin.getByRole('textbox', { name: 'Write a reply to the requester' })
  await expect.poll(() => text.evaluate((box) => box === document.activeElement)).toBe(true)
})

story('a bulk change is undone', async ({ admin }) => {
  const subjects = ['Castor of Gemini', 'Pollux of Gemini']
  for (const subject of subjects) {
    await microsoft.mail({ from: 'pair@customer.example', subject, text: 'Both of us.' })
    await ticketOf(subject)
  }
  await admin.goto(`${contoso.tandem}/tickets?view=all&q=of+Gemini`)
  await admin.getByRole('checkbox', { name: 'Choose all' }).check()
  await admin.getByRole('combobox', { name: 'Set status' }).selectOption('On hold')
  await admin.getByText('2 tickets changed.', { exact: true }).waitFor()
  const statuses = () => admin.getByRole('table').getByRole('cell', { name: 'On hold', exact: true }).count()
  await expect.poll(statuses).toBe(2)
  await admin.getByRole('button', { name: 'Undo' }).click()
  await admin.getByText('2 tickets are as before.', { exact: true }).waitFor()
  await expect.poll(statuses).toBe(0)
})

story('who leaves a dialog is where they were', async ({ admin }) => {
  await microsoft.mail({ from: 'k@customer.example', subject: 'In and out again', text: 'And out.' })
  await admin.goto(`${contoso.tandem}/tickets/${await ticketOf('In and out again')}`)
  const hasKeys = (place: Locator) => expect.poll(() => place.evaluate((one) => one === document.activeElement)).toBe(true)
  const more = admin.getByRole('button', { name: 'More actions for this ticket' })
  const merge = admin.getByRole('dialog', { name: 'Merge ticket' })
  const pencil = admin.getByRole('button', { name: 'Edit subject' })

  await more.press('Enter')
  await admin.getByRole('menuitem', { name: 'Merge…' }).press('Enter')
  await merge.waitFor()
  await admin.keyboard.press('Escape')
  await merge.waitFor({ state: 'hidden' })
  await hasKeys(more)

  await pencil.focus()
  await admin.keyboard.press('?')
  await admin.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await admin.keyboard.press('Escape')
  await hasKeys(pencil)
  await pencil.press('Enter')
  await admin.getByRole('textbox', { name: 'Subject' }).press('Escape')
  await hasKeys(pencil)
})
