import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorization, client, ended, listOf, of, send, step, until } from './client.mjs'

/** Opens a ticket of Nora's. */
export const open = async (subject, more = {}) =>
  of(
    await client.tickets.create({
      ticket: { subject, comment: { body: `About ${subject}` }, requester: { name: 'Nora', email: 'nora@customer.example' }, ...more },
    }),
    'ticket',
  )

const ids = (list) => list.map(({ id }) => id)

export async function walkTickets() {
  const made = await open('From node-zendesk', { tags: ['node'], external_id: 'node-1' })
  const other = await open('Twice asked')

  await step('tickets: show, list, filters', async () => {
    assert.equal(made.subject, 'From node-zendesk')
    assert.deepEqual(made.tags, ['node'])
    assert.equal(of(await client.tickets.show(made.id), 'ticket').external_id, 'node-1')
    assert.deepEqual(ids(of(await client.tickets.showMany([made.id, 999999]), 'tickets')), [made.id])
    assert.ok(ids(await client.tickets.list()).includes(made.id))
    assert.deepEqual(ids(await client.tickets.listWithFilter('external_id', 'node-1')), [made.id])
    assert.ok(ids(await client.tickets.listByUserRequested(made.requester_id)).includes(made.id))
    assert.deepEqual(await client.tickets.listByUserCCD(made.requester_id), [])
    const { body } = await send('GET', '/tickets/count.json')
    assert.ok(body.count.value >= 2)
    await assert.rejects(client.tickets.show(999999), /404|not found/i)
  })

  await step('tickets: update and comments', async () => {
    const me = of(await client.users.me(), 'user')
    const changed = of(
      await client.tickets.update(made.id, {
        ticket: { status: 'pending', assignee_id: me.id, priority: 'high', tags: ['node', 'seen'], comment: { body: 'A note', public: false } },
      }),
      'ticket',
    )
    assert.deepEqual([changed.status, changed.priority, changed.assignee_id], ['pending', 'high', me.id])
    assert.deepEqual([...changed.tags].sort(), ['node', 'seen'])
    const comments = await client.tickets.getComments(made.id)
    assert.deepEqual(comments.map(({ public: open, plain_body: text }) => [open, text]), [[true, 'About From node-zendesk'], [false, 'A note']])
    assert.ok(ids(await client.tickets.listAssigned(me.id)).includes(made.id))
  })

  await step('tickets: collaborators', async () => {
    await client.tickets.update(made.id, { ticket: { additional_collaborators: ['cleo@customer.example'] } })
    const people = listOf(await client.tickets.listCollaborators(made.id), 'users')
    assert.deepEqual(people.map(({ email }) => email), ['cleo@customer.example'])
    assert.ok(ids(await client.tickets.listByUserCCD(people[0].id)).includes(made.id))
  })

  await step('tickets: followers and people in copy', async () => {
    const me = of(await client.users.me(), 'user')
    const change = async (ticket) => of(await client.tickets.update(made.id, { ticket }), 'ticket')
    const emails = async (list) => (await send('GET', `/tickets/${made.id}/${list}.json`)).body.users.map(({ email }) => email)
    assert.deepEqual((await change({ followers: [{ user_id: me.id, action: 'put' }] })).follower_ids, [me.id])
    assert.deepEqual(await emails('followers'), [me.email])
    assert.deepEqual((await change({ followers: [{ user_email: me.email, action: 'delete' }] })).follower_ids, [])
    assert.deepEqual(await emails('followers'), [])
    assert.deepEqual((await change({ follower_ids: [me.id] })).follower_ids, [me.id])
    await change({ email_ccs: [{ user_email: 'dora@customer.example', action: 'put' }] })
    assert.deepEqual((await emails('email_ccs')).sort(), ['cleo@customer.example', 'dora@customer.example'])
    await change({ email_ccs: [{ user_email: 'dora@customer.example', action: 'delete' }] })
    assert.deepEqual(await emails('email_ccs'), ['cleo@customer.example'])
    assert.deepEqual((await emails('collaborators')).sort(), ['cleo@customer.example', me.email].sort())
    await change({ follower_ids: [] })
  })

  await step('tickets: tags', async () => {
    const tags = async () => (await send('GET', `/tickets/${other.id}/tags.json`)).body.tags
    await client.tickets.updateTags(other.id, { tags: ['red', 'Late Payer'] })
    assert.deepEqual(await tags(), ['red', 'late_payer'])
    await client.tickets.addTags(other.id, { tags: ['red', 'blue'] })
    assert.deepEqual(await tags(), ['red', 'late_payer', 'blue'])
    const left = await send('DELETE', `/tickets/${other.id}/tags.json`, { tags: ['late_payer'] })
    assert.deepEqual(left.body.tags, ['red', 'blue'])
    assert.deepEqual(of(await client.tickets.show(other.id), 'ticket').tags, ['red', 'blue'])
    const counted = await client.tags.list()
    assert.equal(counted.find(({ name }) => name === 'blue').count, 1)
    assert.deepEqual((await send('GET', '/autocomplete/tags.json?name=blu')).body.tags, ['blue'])
  })

  await step('tickets: types and what is due', async () => {
    const problem = await open('The server is down', { type: 'problem' })
    const task = await open('Call back', { type: 'task', due_at: '2030-05-01T15:00:00Z' })
    assert.deepEqual([task.type, task.due_at], ['task', '2030-05-01T15:00:00Z'])
    const incident = await open('No mail', { type: 'incident', problem_id: problem.id })
    assert.deepEqual(ids(listOf(await client.tickets.listIncidents(problem.id), 'tickets')), [incident.id])
    assert.ok(ids((await send('GET', '/problems.json')).body.tickets).includes(problem.id))
    const found = async (query) => ids(listOf(await client.search.query(query), 'results'))
    assert.deepEqual(await found('type:ticket ticket_type:task due_date>=2030-05-01 due_date<2030-05-03'), [task.id])
    assert.deepEqual(await found('ticket_type:problem,incident order_by:ticket_type sort:asc'), [incident.id, problem.id])
  })

  await step('tickets: audits', async () => {
    const audits = await client.ticketaudits.list(made.id)
    const changes = audits.flatMap(({ events }) => events).filter(({ type }) => type === 'Change')
    assert.ok(changes.some(({ field_name: field, value, previous_value: before }) => field === 'status' && value === 'pending' && before === 'new'))
    const one = of(await client.ticketaudits.show(made.id, audits[0].id), 'audit')
    assert.equal(one.ticket_id, made.id)
    client.ticketaudits.setSideLoad(['users', 'tickets'])
    const [first] = await client.ticketaudits.list(made.id)
    client.ticketaudits.setSideLoad([])
    assert.deepEqual([first.author.id, first.ticket.id], [first.author_id, made.id])
    assert.equal(of(await client.ticketaudits.count(made.id), 'count').value, audits.length)
    const all = await send('GET', '/ticket_audits.json?page[size]=10')
    assert.ok(all.body.audits.some(({ ticket_id: id }) => id === made.id))
  })

  await step('tickets: metrics', async () => {
    const metric = of(await client.tickets.listMetrics(made.id), 'ticket_metric')
    assert.equal(metric.ticket_id, made.id)
    assert.ok((await client.ticketmetrics.listAll()).some(({ ticket_id: id }) => id === made.id))
  })

  await step('tickets: merge', async () => {
    await ended(await client.tickets.merge(made.id, { ids: [other.id], target_comment: 'Asked twice', source_comment: 'See the other' }))
    const gone = of(await client.tickets.show(other.id), 'ticket')
    assert.equal(gone.status, 'closed')
    assert.ok((await client.tickets.getComments(made.id)).some(({ plain_body: text }) => text.includes('Asked twice')))
  })

  await step('tickets: many at once', async () => {
    const begun = await client.tickets.createMany({
      tickets: [{ subject: 'First of many', comment: { body: '1' } }, { subject: 'Second of many', comment: { body: '2' } }],
    })
    const { results } = await ended(begun)
    const [first, second] = results.map(({ id }) => id)
    assert.equal(of(await client.tickets.show(second), 'ticket').subject, 'Second of many')
    const changed = await ended(await client.tickets.updateMany([first, second, 999999], { ticket: { priority: 'urgent' } }))
    assert.deepEqual(changed.results.map(({ success }) => success), [true, true, false])
    assert.equal(of(await client.tickets.show(first), 'ticket').priority, 'urgent')
    assert.ok(listOf(await client.jobstatuses.list(), 'job_statuses').length >= 2)
    await ended(await client.tickets.deleteMany([second]))
    await assert.rejects(client.tickets.show(second), /404|not found/i)
  })

  await step('tickets: delete and restore', async () => {
    const { id } = await open('Deleted by mistake')
    await client.tickets.delete(id)
    await assert.rejects(client.tickets.show(id), /404|not found/i)
    const deleted = await send('GET', '/deleted_tickets.json')
    assert.ok(ids(deleted.body.deleted_tickets).includes(id))
    assert.equal((await send('PUT', `/deleted_tickets/${id}/restore.json`)).status, 200)
    assert.equal(of(await client.tickets.show(id), 'ticket').subject, 'Deleted by mistake')
  })

  await step('uploads and attachments', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'walk-')), 'note.txt')
    writeFileSync(path, 'from a file')
    const { token, attachment } = of(await client.attachments.upload(path, { filename: 'note.txt', binary: false }), 'upload')
    assert.equal(attachment.size, 11)
    assert.equal(await (await fetch(attachment.content_url, { headers: authorization })).text(), 'from a file')
    assert.equal((await fetch(attachment.content_url)).status, 401)
    await client.tickets.update(made.id, { ticket: { comment: { body: 'With a file', uploads: [token] } } })
    assert.equal(of(await client.attachments.show(attachment.id), 'attachment').file_name, 'note.txt')
    const thrown = of(await client.attachments.upload(path, { filename: 'gone.txt', binary: false }), 'upload')
    await client.attachments.deleteUpload(thrown.token)
  })

  await step('search', async () => {
    const found = await until(
      async () => listOf(await client.search.query('type:ticket external_id:node-1'), 'results'),
      (results) => results.length > 0,
    )
    assert.deepEqual(found.map(({ id, result_type: type }) => [id, type]), [[made.id, 'ticket']])
    assert.equal(of(await client.search.showResultsCount('type:ticket tags:seen'), 'count'), 1)
    const exported = await client.search.exportResults('tags:seen', 'ticket', 1)
    assert.deepEqual(ids(listOf(exported, 'results')), [made.id])
  })

  await step('exports', async () => {
    const { body } = await send('GET', '/incremental/tickets/cursor.json?start_time=1')
    assert.equal(typeof body.end_of_stream, 'boolean')
    assert.ok(Array.isArray(body.tickets) && 'after_cursor' in body)
    const people = await send('GET', '/incremental/users/cursor.json?start_time=1')
    assert.ok(Array.isArray(people.body.users))
    await client.ticketexport.exportCursor(1, '')
  })
}
