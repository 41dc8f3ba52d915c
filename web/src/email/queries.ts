import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { del, get, post, put } from '../api/client'
import type { Activity, Address, ConnectionRequest, Mail, MailDetails, Overview, Ticket } from '../api/types'

export const useAddresses = () =>
  useQuery({
    queryKey: ['addresses'],
    queryFn: () =>
      get<{ recipient_addresses: Address[] }>('/recipient_addresses', { per_page: 100 }).then(
        (answer) => answer.recipient_addresses,
      ),
  })

export const useAddress = (id: number) =>
  useQuery({
    queryKey: ['address', id],
    queryFn: () =>
      get<{ recipient_address: Address }>(`/recipient_addresses/${id}`).then((answer) => answer.recipient_address),
    // While mails are imported the figures move without an event for each.
    refetchInterval: (query) => (query.state.data?.connection?.import?.state === 'running' ? 1000 : 15_000),
  })

export const useActivity = (connection: number) =>
  useQuery({
    queryKey: ['activity', connection],
    queryFn: () => get<{ activity: Activity[] }>(`/connections/${connection}/activity`).then((answer) => answer.activity),
  })

export const useOverview = () =>
  useQuery({
    queryKey: ['overview'],
    queryFn: () => get<{ overview: Overview }>('/overview').then((answer) => answer.overview),
    refetchInterval: 15_000,
  })

export const mailsPerPage = 50

export const useMails = (filter: Record<string, string>, page: number) =>
  useQuery({
    queryKey: ['mails', filter, page],
    queryFn: ({ signal }) =>
      get<{ mail: Mail[]; count: number }>('/mail', { ...filter, page, per_page: mailsPerPage }, signal),
    placeholderData: keepPreviousData,
  })

export const useMail = (id: number) =>
  useQuery({
    queryKey: ['mail', id],
    queryFn: () => get<{ mail: MailDetails }>(`/mail/${id}`).then((answer) => answer.mail),
  })

export const useConnectionRequest = (state: string | null) =>
  useQuery({
    queryKey: ['connection-request', state],
    queryFn: () =>
      get<{ connection_request: ConnectionRequest }>(`/connection_requests/${state}`).then(
        (answer) => answer.connection_request,
      ),
    enabled: state !== null,
    retry: false,
  })

/** Leaves for Microsoft's sign-in page; it sends the browser back to us. */
async function leaveFor(request: Promise<{ connection_request: ConnectionRequest }>): Promise<void> {
  const { connection_request } = await request
  if (connection_request.authorize_url) location.assign(connection_request.authorize_url)
}

export interface AddressChange {
  name?: string
  brand_id?: number
  default?: boolean
  plus_addressing?: boolean
}

/** What an administrator does with addresses, their connections and their mail. */
export function useEmail() {
  const queries = useQueryClient()
  const refresh = async (...keys: string[]) => {
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  const atConnection = (action: string) => async (connection: number) => {
    await post(`/connections/${connection}/${action}`)
    await refresh('address', 'addresses', 'overview')
  }
  return {
    connect: (wish: { brand_id: number; email?: string; import: boolean }) =>
      leaveFor(post('/connections', { kind: 'exchange', ...wish })),
    reconnect: (connection: number) => leaveFor(post(`/connections/${connection}/reconnect`)),
    async confirm(state: string, useActual: boolean) {
      const answer = await post<{ connection_request: ConnectionRequest }>(`/connection_requests/${state}/confirm`, {
        use_actual: useActual,
      })
      await refresh('addresses')
      return answer.connection_request
    },
    disconnect: atConnection('disconnect'),
    sync: atConnection('sync'),
    reconcile: atConnection('reconcile'),
    startImport: atConnection('import'),
    cancelImport: atConnection('import/cancel'),
    async changeAddress(id: number, change: AddressChange) {
      await put(`/recipient_addresses/${id}`, { recipient_address: change })
      await refresh('address', 'addresses')
    },
    async removeAddress(id: number) {
      await del(`/recipient_addresses/${id}`)
      await refresh('addresses', 'overview')
    },
    async retryMail(id: number) {
      await post(`/mail/${id}/retry`)
      await refresh('mail', 'mails', 'overview')
    },
    async makeTicket(id: number) {
      const { ticket } = await post<{ ticket: Ticket }>(`/mail/${id}/make_ticket`)
      await refresh('mail', 'mails', 'overview')
      return ticket
    },
    async accept(mail: Mail | MailDetails) {
      await post(`/tickets/${mail.ticket_id}/comments/${mail.comment_id}/accept`)
      await refresh('mail', 'mails', 'ticket', 'tickets')
    },
  }
}
