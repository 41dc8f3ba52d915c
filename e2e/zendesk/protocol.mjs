import assert from 'node:assert/strict'
import { send, step } from './client.mjs'
import { open } from './tickets.mjs'

/** What holds for every resource. */
export async function walkProtocol() {
  for (const subject of ['Page 1', 'Page 2', 'Page 3']) await open(subject)

  await step('offset paging', async () => {
    const first = await send('GET', '/tickets.json?per_page=2&sort_by=id')
    assert.equal(first.body.tickets.length, 2)
    assert.equal(first.body.previous_page, null)
    assert.match(first.body.next_page, /page=2/)
    const page = await send('GET', '/tickets.json?per_page=2&sort_by=id&page=2')
    assert.ok(page.body.tickets[0].id > first.body.tickets[1].id)
    assert.equal(page.body.count, first.body.count)
  })

  await step('cursor paging', async () => {
    const seen = new Set()
    for (let after = ''; ; ) {
      const { body } = await send('GET', `/tickets.json?page[size]=2&sort=id${after && `&page[after]=${encodeURIComponent(after)}`}`)
      for (const { id } of body.tickets) {
        assert.ok(!seen.has(id), `ticket ${id} twice`)
        seen.add(id)
      }
      if (!body.meta.has_more) break
      assert.ok(body.links.next)
      after = body.meta.after_cursor
    }
    const { body } = await send('GET', '/tickets/count.json')
    assert.equal(seen.size, body.count.value)
  })

  await step('cursors lead back', async () => {
    const page = async (link) => (await send('GET', link.slice(link.indexOf('/users')))).body
    const first = await page('/users.json?page[size]=1&sort=-created_at')
    const next = await page(first.links.next)
    const back = await page(next.links.prev)
    assert.deepEqual(back.users, first.users)
    assert.notEqual(next.users[0].id, first.users[0].id)
    const strange = await send('GET', '/users.json?sort=shoe_size')
    assert.deepEqual([strange.status, strange.body.code], [422, 'sort_unknown'])
  })

  await step('side-loading', async () => {
    const { body } = await send('GET', '/tickets.json?include=users&per_page=1&query=Page')
    assert.ok(body.users.some(({ id }) => id === body.tickets[0].requester_id))
  })

  await step('errors', async () => {
    const missing = await send('GET', '/tickets/999999.json')
    assert.deepEqual([missing.status, missing.body.error], [404, 'RecordNotFound'])
    const wrong = await send('POST', '/tickets.json', { ticket: { comment: { body: '' } } })
    assert.equal(wrong.status, 422)
    assert.ok(wrong.body.description)
    const nobody = await fetch(`${process.env.TANDEM_URL}/api/v2/tickets.json`)
    assert.equal(nobody.status, 401)
  })

  await step('Idempotency-Key', async () => {
    const ticket = { ticket: { subject: 'Once', comment: { body: 'Once' } } }
    const headers = { 'Idempotency-Key': 'walk-1' }
    const first = await send('POST', '/tickets.json', ticket, headers)
    const again = await send('POST', '/tickets.json', ticket, headers)
    assert.deepEqual([first.status, again.status, again.body.ticket.id], [201, 201, first.body.ticket.id])
    assert.deepEqual([first.headers.get('x-idempotency-lookup'), again.headers.get('x-idempotency-lookup')], ['miss', 'hit'])
    const other = await send('POST', '/tickets.json', { ticket: { subject: 'Other', comment: { body: 'x' } } }, headers)
    assert.deepEqual([other.status, other.body.error], [400, 'IdempotentRequestError'])
  })

  await step('rate limit', async () => {
    const { headers } = await send('GET', '/users/me.json')
    const limit = Number(headers.get('X-Rate-Limit'))
    assert.ok(limit > 0 && Number(headers.get('X-Rate-Limit-Remaining')) < limit)
    const begin = Date.now()
    for (let i = 0; ; i++) {
      const answer = await send('GET', '/users/me.json')
      if (answer.status === 429) {
        assert.ok(Number(answer.headers.get('Retry-After')) > 0)
        break
      }
      const grown = (limit * (Date.now() - begin)) / 60_000 // the limit is one of requests a minute
      assert.ok(i <= limit + grown, 'nothing is refused')
    }
  })
}
