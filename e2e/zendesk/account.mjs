import assert from 'node:assert/strict'
import { client, of, send, step } from './client.mjs'

const ids = (list) => list.map(({ id }) => id)

export async function walkAccount() {
  await step('account settings and locales', async () => {
    assert.equal(typeof of(await client.accountsettings.show(), 'settings').tickets, 'object')
    assert.deepEqual((await client.locales.list()).map(({ locale }) => locale).sort(), ['en', 'ja', 'pt-BR'])
    const current = of(await client.locales.current(), 'locale')
    assert.ok(current.locale ?? current)
  })

  await step('brands', async () => {
    const brand = of(await client.brand.create({ brand: { name: 'Walk & Co', subdomain: 'walk' } }), 'brand')
    assert.equal(of(await client.brand.show(brand.id), 'brand').name, 'Walk & Co')
    assert.ok(ids(of(await client.brand.list(), 'brands')).includes(brand.id))
  })

  await step('recipient addresses', async () => {
    const { status, body } = await send('GET', '/recipient_addresses.json')
    assert.equal(status, 200)
    assert.ok(body.recipient_addresses.every(({ email }) => email.includes('@')))
  })

  await step('suspended tickets', async () => {
    const list = of(await client.suspendedtickets.list(), 'suspended_tickets')
    assert.ok(Array.isArray(list))
    await assert.rejects(client.suspendedtickets.show(999999), /404|not found/i)
  })
}
