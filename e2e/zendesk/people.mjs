import assert from 'node:assert/strict'
import { client, listOf, of, send, step } from './client.mjs'

const ids = (list) => list.map(({ id }) => id)

export async function walkPeople() {
  const me = of(await client.users.me(), 'user')
  let nils, tailspin

  await step('users', async () => {
    assert.equal(me.email, process.env.ZENDESK_USER)
    nils = of(await client.users.create({ user: { name: 'Nils', email: 'nils@customer.example' } }), 'user')
    assert.deepEqual([nils.name, nils.role], ['Nils', 'end-user'])
    assert.equal(of(await client.users.update(nils.id, { user: { notes: 'Calls often' } }), 'user').notes, 'Calls often')
    assert.equal(of(await client.users.show(nils.id), 'user').email, 'nils@customer.example')
    assert.deepEqual(ids(of(await client.users.showMany([nils.id, 999999]), 'users')), [nils.id])
    assert.ok(ids(await client.users.list()).includes(nils.id))
    assert.deepEqual(ids(of(await client.users.search({ query: 'nils' }), 'users')), [nils.id])
    const again = of(await client.users.createOrUpdate({ user: { name: 'Nils Berg', email: 'nils@customer.example' } }), 'user')
    assert.deepEqual([again.id, again.name], [nils.id, 'Nils Berg'])
    const { body } = await send('GET', '/users/autocomplete.json?name=nil')
    assert.deepEqual(ids(body.users), [nils.id])
  })

  await step('identities', async () => {
    const made = of(await client.useridentities.create(nils.id, { identity: { type: 'email', value: 'n.berg@customer.example' } }), 'identity')
    assert.equal(made.value, 'n.berg@customer.example')
    const list = await client.useridentities.list(nils.id)
    assert.deepEqual(list.map(({ value }) => value).sort(), ['n.berg@customer.example', 'nils@customer.example'])
    client.users.setSideLoad(['identities'])
    const shown = await client.users.show(nils.id)
    client.users.setSideLoad([])
    assert.deepEqual(of(shown, 'user').identity.map(({ value }) => value).sort(), ['n.berg@customer.example', 'nils@customer.example'])
    await client.useridentities.makePrimary(nils.id, made.id)
    assert.equal(of(await client.users.show(nils.id), 'user').email, 'n.berg@customer.example')
    await client.useridentities.delete(nils.id, list.find(({ value }) => value === 'nils@customer.example').id)
    assert.equal((await client.useridentities.list(nils.id)).length, 1)
  })

  await step('merge of users', async () => {
    const twin = of(await client.users.create({ user: { name: 'Nils again', email: 'nils2@customer.example' } }), 'user')
    assert.equal(of(await client.users.merge(twin.id, nils.id), 'user').id, nils.id)
    assert.ok((await client.useridentities.list(nils.id)).some(({ value }) => value === 'nils2@customer.example'))
  })

  await step('organizations', async () => {
    tailspin = of(await client.organizations.create({ organization: { name: 'Tailspin Toys', domain_names: ['tailspin.example'], external_id: 'T-1' } }), 'organization')
    assert.deepEqual(tailspin.domain_names, ['tailspin.example'])
    assert.equal(of(await client.organizations.update(tailspin.id, { organization: { notes: 'Toys' } }), 'organization').notes, 'Toys')
    assert.equal(of(await client.organizations.show(tailspin.id), 'organization').name, 'Tailspin Toys')
    assert.ok(ids(await client.organizations.list()).includes(tailspin.id))
    assert.deepEqual(ids(of(await client.organizations.search('T-1'), 'organizations')), [tailspin.id])
    assert.deepEqual(ids(of(await client.organizations.autocomplete({ name: 'tail' }), 'organizations')), [tailspin.id])
    assert.deepEqual(ids(of(await client.organizations.showManyByExternalIds(['T-1']), 'organizations')), [tailspin.id])
    assert.equal(of(await client.organizations.related(tailspin.id), 'organization_related').users_count, 0)
    await client.organizations.count() // which answers undefined, whatever comes
    assert.ok((await send('GET', '/organizations/count.json')).body.count.value >= 1)
  })

  await step('tags of users and organizations', async () => {
    await client.users.setTags(nils.id, { tags: ['VIP', 'pays late'] })
    assert.deepEqual(listOf(await client.users.listTags(nils.id), 'tags'), ['vip', 'pays_late'])
    await client.users.addTags(nils.id, { tags: ['vip', 'toys'] })
    const left = await send('DELETE', `/users/${nils.id}/tags.json`, { tags: ['pays_late'] })
    assert.deepEqual(left.body.tags, ['vip', 'toys'])
    assert.deepEqual(of(await client.users.show(nils.id), 'user').tags, ['vip', 'toys'])
    assert.deepEqual((await send('POST', `/organizations/${tailspin.id}/tags.json`, { tags: ['gold'] })).body.tags, ['gold'])
    assert.deepEqual((await send('PUT', `/organizations/${tailspin.id}/tags.json`, { tags: ['europe'] })).body.tags, ['gold', 'europe'])
    assert.deepEqual((await send('DELETE', `/organizations/${tailspin.id}/tags.json`, { tags: ['europe'] })).body.tags, ['gold'])
    assert.deepEqual((await send('GET', `/organizations/${tailspin.id}/tags.json`)).body.tags, ['gold'])
    assert.deepEqual(ids(listOf(await client.search.query('type:user tags:toys'), 'results')), [nils.id])
    assert.deepEqual(ids(listOf(await client.search.query('type:organization tags:gold'), 'results')), [tailspin.id])
  })

  await step('organization memberships', async () => {
    const made = of(
      await client.organizationmemberships.create({ user_id: nils.id, organization_id: tailspin.id }),
      'organization_membership',
    )
    assert.deepEqual([made.user_id, made.organization_id], [nils.id, tailspin.id])
    assert.deepEqual(ids(await client.organizationmemberships.listByUser(nils.id)), [made.id])
    assert.deepEqual(ids(await client.organizations.listByUser(nils.id)), [tailspin.id])
    const besides = await send('GET', `/users/${nils.id}/organization_memberships.json?include=users,organizations`)
    assert.deepEqual([ids(besides.body.users), ids(besides.body.organizations)], [[nils.id], [tailspin.id]])
    assert.equal((await send('GET', `/users/${nils.id}/organizations/count.json`)).body.count.value, 1)
    assert.deepEqual(ids(await client.users.listByOrganization(tailspin.id)), [nils.id])
    await client.organizationmemberships.delete(made.id)
    assert.deepEqual(await client.organizationmemberships.listByUser(nils.id), [])
  })

  await step('groups and memberships', async () => {
    await client.groups.create({ group: { name: 'Those who stay' } }) // the first one is everybody's default, and stays
    const group = of(await client.groups.create({ group: { name: 'Walkers' } }), 'group')
    assert.equal(of(await client.groups.show(group.id), 'group').name, 'Walkers')
    assert.equal(of(await client.groups.update(group.id, { group: { name: 'Strollers' } }), 'group').name, 'Strollers')
    assert.ok(ids(await client.groups.list()).includes(group.id))
    assert.ok(ids(of(await client.groups.assignable(), 'groups')).includes(group.id))
    const made = of(await client.groupmemberships.create({ group_membership: { user_id: me.id, group_id: group.id } }), 'group_membership')
    assert.deepEqual([made.user_id, made.group_id], [me.id, group.id])
    client.groupmemberships.setSideLoad(['users', 'groups'])
    const [joined] = await client.groupmemberships.listByGroup(group.id)
    client.groupmemberships.setSideLoad([])
    assert.deepEqual([joined.id, joined.user.id, joined.groups.id], [made.id, me.id, group.id])
    assert.ok((await send('GET', `/users/${me.id}/groups/count.json`)).body.count.value >= 1)
    assert.deepEqual(ids(await client.users.listByGroup(group.id)), [me.id])
    await client.groupmemberships.delete(made.id)
    await client.groups.delete(group.id)
    assert.equal(of(await client.groups.show(group.id), 'group').deleted, true)
    assert.ok(!ids(await client.groups.list()).includes(group.id))
  })

  await step('user and organization fields', async () => {
    const field = of(await client.userfields.create({ user_field: { type: 'text', title: 'Car', key: 'car' } }), 'user_field')
    assert.equal(field.key, 'car')
    assert.ok(ids(await client.userfields.list()).includes(field.id))
    assert.equal(of(await client.users.update(nils.id, { user: { user_fields: { car: 'red' } } }), 'user').user_fields.car, 'red')
    const size = of(await client.organizationfields.create({ organization_field: { type: 'integer', title: 'Size', key: 'size' } }), 'organization_field')
    assert.equal(of(await client.organizations.update(tailspin.id, { organization: { organization_fields: { size: 7 } } }), 'organization').organization_fields.size, 7)
    await client.organizationfields.delete(size.id)
    await client.userfields.delete(field.id)
  })

  await step('people leave', async () => {
    await client.organizations.delete(tailspin.id)
    await assert.rejects(client.organizations.show(tailspin.id), /404|not found/i)
    await client.users.delete(nils.id)
    assert.equal(of(await client.users.show(nils.id), 'user').active, false)
  })
}
