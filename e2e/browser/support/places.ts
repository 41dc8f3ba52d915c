import { addressOf, api, suspended, ticketOf } from './desk'
import { microsoft } from './microsoft'

// Every page that there is, for what holds on all of them.

const fixed: Record<string, string> = {
  tickets: '/tickets?view=all',
  'new-ticket': '/tickets/new',
  'tickets-deleted': '/tickets/deleted',
  reports: '/reports',
  'report-tickets': '/reports/tickets?figure=created&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z',
  search: '/search?q=coffee',
  'search-help': '/search',
  'suspended-agent': '/suspended',
  'view-own': '/views/new',
  'macros-own': '/macros',
  'macro-own': '/macros/new',
  home: '/admin',
  addresses: '/admin/email',
  'wizard-brand': '/admin/email/new',
  'wizard-type': '/admin/email/new?step=kind',
  'wizard-options': '/admin/email/new?step=options',
  'wizard-forwarding': '/admin/email/new?step=options&kind=forwarding',
  'wizard-review': '/admin/email/new?step=review&email=sales@contoso.example&import=1',
  'wizard-application': '/admin/email/new?step=options&kind=exchange_app&email=team@contoso.example',
  'wizard-application-review': '/admin/email/new?step=review&kind=exchange_app&email=team@contoso.example&subfolders=1',
  'wizard-unknown': '/admin/email/new?problem=sign_in_unknown',
  tenants: '/admin/tenants',
  tenant: '/admin/tenants/1',
  ledger: '/admin/mail',
  suspended: '/admin/suspended',
  'mail-rules': '/admin/rules',
  jobs: '/admin/jobs',
  'jobs-waiting': '/admin/jobs?state=waiting',
  people: '/admin/people',
  requesters: '/admin/people?role=end-user',
  'people-deleted': '/admin/people/deleted',
  'people-import': '/admin/people/import',
  organizations: '/admin/organizations',
  'organizations-none': '/admin/organizations?query=nowhere',
  'organizations-import': '/admin/organizations/import',
  teams: '/admin/teams',
  brands: '/admin/brands',
  fields: '/admin/fields',
  'fields-people': '/admin/fields/user',
  'field-new': '/admin/fields/ticket/new',
  'ticket-rules': '/admin/tickets',
  views: '/admin/views',
  'view-new': '/admin/views/new',
  macros: '/admin/macros',
  'macro-new': '/admin/macros/new',
  triggers: '/admin/triggers',
  'trigger-new': '/admin/triggers/new',
  'trigger-bench': '/admin/triggers/test',
  attachments: '/admin/attachments',
  tokens: '/admin/tokens',
  audit: '/admin/audit',
  profile: '/profile',
  nowhere: '/nowhere',
}

/** The pages before one is signed in. */
export const fronts: Record<string, string> = {
  'sign-in': '/signin',
  'set-up': '/setup/nonsense',
}

/** Every page of the application, by the name of its pictures; what they show is put in place. */
export async function allPages(): Promise<Record<string, string>> {
  const pages = { ...fixed }
  const flagged = await mailThat('flagged')
  pages['ticket-flagged'] = `/tickets/${flagged.ticket_id}`
  pages['ticket-journey'] = `/tickets/${flagged.ticket_id}?mail=${flagged.id}`
  pages['mail-quarantined'] = `/admin/mail/${(await mailThat('quarantined')).id}`
  pages['mail-ticket'] = `/admin/mail/${(await mailThat('ticketed')).id}`
  pages.address = `/admin/email/addresses/${await addressOf('support@contoso.example')}`
  await api('POST', `/recipient_addresses/${await addressOf('support@contoso.example')}/preflight`)
  pages.preflight = `${pages.address}/preflight`
  pages.ticket = `/tickets/${await talk()}`
  await microsoft.mail({ from: 'no-reply@parcel.example', subject: 'Your parcel waits', text: 'Collect it until Friday.' })
  pages['suspended-mail'] = `/admin/suspended?cause=from_noreply&mail=${await suspended('Your parcel waits')}`
  const { triggers } = await api<{ triggers: { id: number }[] }>('GET', '/triggers')
  pages.trigger = `/admin/triggers/${triggers[0]!.id}`
  const { views } = await api<{ views: { id: number }[] }>('GET', '/views')
  pages.view = `/admin/views/${views[0]!.id}`
  pages.macro = `/admin/macros/${await macro()}`
  const { ticket_fields } = await api<{ ticket_fields: { id: number; type: string }[] }>('GET', '/ticket_fields')
  pages.field = `/admin/fields/ticket/${ticket_fields.find(({ type }) => type === 'tagger')!.id}`
  const { users } = await api<{ users: { id: number; email: string }[] }>('GET', '/users?role=agent')
  pages.person = `/admin/people/${users[0]!.id}`
  const { organizations } = await api<{ organizations: { id: number }[] }>('GET', '/organizations/search?name=Harbour%20Lane')
  pages.organization = `/admin/organizations/${organizations[0]!.id}`
  const members = await api<{ users: { id: number }[] }>('GET', `/users?organization_id=${organizations[0]!.id}`)
  pages.requester = `/admin/people/${members.users[0]!.id}`
  // The same two as agents come to them, outside of the admin centre.
  pages['requester-agent'] = `/people/${members.users[0]!.id}`
  pages['organization-agent'] = `/organizations/${organizations[0]!.id}`
  const { groups } = await api<{ groups: { id: number }[] }>('GET', '/groups')
  pages.team = `/admin/teams/${groups[0]!.id}`
  return pages
}

/** A mail that came and of which this became. */
async function mailThat(state: string) {
  const { mail } = await api<{ mail: { id: number; ticket_id: number | null }[] }>('GET', `/mail?direction=in&state=${state}&per_page=1`)
  return mail[0]!
}

/** A macro with every kind of line that the demo's fields allow. */
async function macro(): Promise<number> {
  const { macro } = await api<{ macro: { id: number } }>('POST', '/macros', {
    macro: {
      title: 'Leak::Ask for the valve',
      actions: [
        { field: 'status', value: 'pending' },
        { field: 'comment_value', value: 'Dear {{ticket.requester.first_name}}, please close the valve.' },
      ],
    },
  })
  return macro.id
}

/** A ticket with everything a conversation can have. */
async function talk(): Promise<number> {
  const subject = 'Orbit 8 in the lobby is leaking'
  await microsoft.mail({
    from: 'helena.brandt@lakeside-hotel.example',
    name: 'Helena Brandt',
    subject,
    text: 'Good morning,\n\nsince this morning our Orbit 8 in the lobby loses water at the bottom. We have 90 guests at breakfast tomorrow.\n\nHelena Brandt\nLakeside Hotel',
  })
  const ticket = await ticketOf(subject)
  await api('PUT', `/tickets/${ticket}`, { ticket: { priority: 'high', tags: ['leak', 'orbit-8'], comment: { body: 'Spare seal is in stock in Basel. Asked Bruno for a technician.', public: false } } })
  await api('PUT', `/tickets/${ticket}`, { ticket: { status: 'pending', comment: { body: 'Dear Helena,\n\nplease close the water valve behind the machine. A technician can be with you at four this afternoon. Does that suit you?', public: true } } })
  return ticket
}
