import assert from 'node:assert/strict'
import { client, listOf, of, send, step } from './client.mjs'
import { open } from './tickets.mjs'

const ids = (list) => list.map(({ id }) => id)

// The client's own views.delete calls itself without end.
const remove = async (view) => assert.equal((await send('DELETE', `/views/${view.id}.json`)).status, 204)

export async function walkRules() {
  let field, ticket

  await step('ticket fields', async () => {
    field = of(
      await client.ticketfields.create({
        ticket_field: { type: 'tagger', title: 'Product', custom_field_options: [{ name: 'Kettle', value: 'kettle' }, { name: 'Toaster', value: 'toaster' }] },
      }),
      'ticket_field',
    )
    assert.deepEqual(field.custom_field_options.map(({ value }) => value), ['kettle', 'toaster'])
    assert.equal(of(await client.ticketfields.update(field.id, { ticket_field: { title: 'Device' } }), 'ticket_field').title, 'Device')
    assert.ok(ids(await client.ticketfields.list()).includes(field.id))
    ticket = await open('A kettle', { custom_fields: [{ id: field.id, value: 'kettle' }] })
    assert.equal(ticket.custom_fields.find(({ id }) => id === field.id).value, 'kettle')
    assert.ok(ticket.tags.includes('kettle'))
  })

  await step('views', async () => {
    const view = of(
      await client.views.create({
        view: {
          title: 'Kettles',
          all: [{ field: 'status', operator: 'less_than', value: 'solved' }, { field: `custom_fields_${field.id}`, operator: 'is', value: 'kettle' }],
          output: { columns: ['subject', field.id], group_by: 'status', sort_by: 'created', sort_order: 'desc' },
        },
      }),
      'view',
    )
    assert.deepEqual(view.execution.columns.map(({ id }) => id), ['subject', field.id])
    assert.ok(ids(await client.views.list()).includes(view.id))
    assert.ok(ids(await client.views.listActive()).includes(view.id))
    assert.ok(ids(await client.views.listCompact()).includes(view.id))
    assert.deepEqual(ids(listOf(await client.views.tickets(view.id), 'tickets')), [ticket.id])
    await client.views.execute(view.id, {}) // which makes one list of columns, rows and people
    const { rows } = (await send('GET', `/views/${view.id}/execute.json`)).body
    assert.deepEqual(rows.map((row) => row.ticket.id), [ticket.id])
    assert.equal(of(await client.views.showCount(view.id), 'view_count').value, 1)
    assert.deepEqual(listOf(await client.views.showCounts([view.id]), 'view_counts').map(({ value }) => value), [1])
    const preview = await client.views.preview({ view: { all: [{ field: 'status', operator: 'is', value: 'closed' }], output: { columns: ['subject'] } } })
    assert.ok(Array.isArray(listOf(preview, 'rows')))
    assert.equal(of(await client.views.update(view.id, { view: { title: 'Hot water' } }), 'view').title, 'Hot water')
    await remove(view)
    await assert.rejects(client.views.show(view.id), /404|not found/i)
  })

  await step('macros', async () => {
    const macro = of(
      await client.macros.create({
        macro: {
          title: 'Kettle::Descale',
          actions: [{ field: 'status', value: 'pending' }, { field: `custom_fields_${field.id}`, value: 'toaster' }, { field: 'comment_value', value: 'Dear {{ticket.requester.name}}' }],
        },
      }),
      'macro',
    )
    assert.deepEqual(listOf(await client.macros.categories(), 'categories'), ['Kettle'])
    assert.ok(ids(listOf(await client.macros.listActive(), 'macros')).includes(macro.id))
    assert.deepEqual(ids(listOf(await client.macros.search('descale'), 'macros')), [macro.id])
    const { ticket: applied } = of(await client.macros.applyTicket(ticket.id, macro.id), 'result')
    assert.deepEqual([applied.status, applied.comment.body], ['pending', 'Dear Nora'])
    assert.equal(of(await client.tickets.show(ticket.id), 'ticket').status, 'new')
    await client.macros.update(macro.id, { macro: { active: false } })
    assert.ok(!ids(listOf(await client.macros.listActive(), 'macros')).includes(macro.id))
    await client.macros.delete(macro.id)
  })

  await step('triggers', async () => {
    const trigger = of(
      await client.triggers.create({
        trigger: {
          title: 'Mark toasters',
          conditions: { all: [{ field: `custom_fields_${field.id}`, operator: 'is', value: 'toaster' }], any: [] },
          actions: [{ field: 'current_tags', value: 'hot' }],
        },
      }),
      'trigger',
    )
    assert.ok(ids(await client.triggers.list()).includes(trigger.id))
    assert.ok(ids(await client.triggers.listActive()).includes(trigger.id))
    assert.ok(listOf(await client.triggers.definitions(), 'definitions')[0].conditions_all.length > 10)
    const marked = of(await client.tickets.update(ticket.id, { ticket: { custom_fields: [{ id: field.id, value: 'toaster' }] } }), 'ticket')
    assert.ok(of(await client.tickets.show(marked.id), 'ticket').tags.includes('hot'))
    await client.triggers.delete(trigger.id)
  })

  await step('what names a deleted field says so', async () => {
    const view = of(
      await client.views.create({
        view: { title: 'Toasters', all: [{ field: 'status', operator: 'less_than', value: 'solved' }, { field: `custom_fields_${field.id}`, operator: 'present' }] },
      }),
      'view',
    )
    await client.ticketfields.delete(field.id)
    const answer = await send('GET', `/views/${view.id}/execute.json`)
    assert.deepEqual([answer.status, answer.body.code], [422, 'view_broken'])
    assert.match(answer.body.description, /Device/)
    await remove(view)
  })
}
