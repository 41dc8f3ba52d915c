// Walks the API with node-zendesk as it comes from npm. TestZendeskClientForNode runs it.
import { finish } from './client.mjs'
import { walkAccount } from './account.mjs'
import { walkPeople } from './people.mjs'
import { walkProtocol } from './protocol.mjs'
import { walkRules } from './rules.mjs'
import { walkTickets } from './tickets.mjs'

await walkAccount()
await walkPeople()
await walkTickets()
await walkRules()
await walkProtocol()
finish()
