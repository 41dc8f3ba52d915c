// Walks the API with node-zendesk as it comes from npm. TestZendeskClientForNode runs it.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import zendesk from 'node-zendesk'

const client = zendesk.createClient({
  username: process.env.ZENDESK_USER,
  token: process.env.ZENDESK_TOKEN,
  endpointUri: `${process.env.TANDEM_URL}/api/v2`,
})

const step = async (name, walk) => {
  try {
    return await walk()
  } catch (thrown) {
    thrown.message = `${name}: ${thrown.message} ${JSON.stringify(thrown.result ?? '')}`
    throw thrown
  }
}

const made = await step('tickets.create', async () => {
  const { result } = await client.tickets.create({
    ticket: {
      subject: 'From node-zendesk',
      comment: { body: 'Hello' },
      requester: { name: 'Nora', email: 'nora@customer.example' },
      tags: ['node'],
      external_id: 'node-1',
    },
  })
  assert.equal(result.subject, 'From node-zendesk')
  return result
})

await step('tickets', async () => {
  assert.equal((await client.tickets.show(made.id)).result.id, made.id)
  assert.ok((await client.tickets.list()).some((ticket) => ticket.id === made.id))
  const { result } = await client.tickets.update(made.id, { ticket: { status: 'pending', comment: { body: 'A note', public: false } } })
  assert.equal(result.status, 'pending')
  const comments = await client.tickets.getComments(made.id)
  assert.deepEqual(comments.map((comment) => comment.public), [true, false])
})

await step('a ticket that does not exist', async () => {
  await assert.rejects(client.tickets.show(999999), /404|not found/i)
})

await step('jobs', async () => {
  const begun = await client.tickets.updateMany([made.id, 999999], { ticket: { priority: 'high' } })
  const { id } = begun.result.job_status ?? begun.result
  for (let i = 0; ; i++) {
    const { result } = await client.jobstatuses.show(id)
    const job = result.job_status ?? result
    if (job.status === 'completed') {
      assert.deepEqual(job.results.map((one) => one.success), [true, false])
      break
    }
    assert.ok(i < 200, `still ${job.status}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
})

await step('audits', async () => {
  const audits = await client.ticketaudits.list(made.id)
  assert.ok(audits.length >= 3)
})

await step('attachments', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'walk-')), 'note.txt')
  writeFileSync(path, 'from a file')
  const uploaded = await client.attachments.upload(path, { filename: 'note.txt', binary: false })
  const { token, attachment } = uploaded.upload ?? uploaded
  assert.equal(attachment.size, 11)
  assert.equal(await (await fetch(attachment.content_url)).text(), 'from a file')
  await client.attachments.deleteUpload(token)
})

await step('people', async () => {
  assert.equal((await client.users.me()).result.email, process.env.ZENDESK_USER)
  assert.ok((await client.users.list()).length > 1)
  assert.equal((await client.users.show(made.requester_id)).result.email, 'nora@customer.example')
})

await step('exports', async () => {
  const { result } = await client.ticketexport.exportCursor(0, '')
  assert.ok('end_of_stream' in result || Array.isArray(result))
})

await step('what holds for the account', async () => {
  assert.ok((await client.locales.list()).length >= 3)
  assert.ok((await client.locales.current()).result.locale)
  assert.ok((await client.brand.list()).result ?? true)
  assert.ok((await client.groups.list()) !== undefined)
  assert.ok((await client.triggers.list()).length >= 0)
  assert.ok((await client.suspendedtickets.list()) !== undefined)
})

console.log('walked')
