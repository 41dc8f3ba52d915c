import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { AddressChange, Connection, Destination, Folder, Mail, MailDetails, MailQuery } from '../api/types'
import type { Reading } from './ReadingFields'

export const useAddresses = () =>
  useQuery({
    queryKey: ['addresses'],
    queryFn: async () => (await answerOf(api.GET('/recipient_addresses'))).recipient_addresses,
  })

export const useAddress = (id: number) =>
  useQuery({
    queryKey: ['address', id],
    queryFn: async () =>
      (await answerOf(api.GET('/recipient_addresses/{id}', { params: { path: { id } } }))).recipient_address,
    // While mails are imported the figures move without an event for each.
    // So they do while a verification mail is under way.
    refetchInterval: (query) => {
      const data = query.state.data
      return data?.connection?.import?.state === 'running' || data?.forwarding?.verifying_at ? 1000 : 15_000
    },
  })

export const useDestinationPolicy = () =>
  useQuery({
    queryKey: ['destination-policy'],
    queryFn: async () => (await answerOf(api.GET('/destination_policy'))).destination_policy.policy,
  })

/** Where a mail with these recipients would go. */
export const useDestinations = (to: string[], cc: string[]) =>
  useQuery({
    queryKey: ['destination-policy', 'preview', to, cc],
    queryFn: async () =>
      (await answerOf(api.POST('/destination_policy/preview', { body: { to, cc } }))).destinations,
    enabled: to.length + cc.length > 0,
    placeholderData: keepPreviousData,
  })

export const useActivity = (connection: number) =>
  useQuery({
    queryKey: ['activity', connection],
    queryFn: async () =>
      (await answerOf(api.GET('/connections/{id}/activity', { params: { path: { id: connection } } }))).activity,
  })

export const useOverview = () =>
  useQuery({
    queryKey: ['overview'],
    queryFn: async () => (await answerOf(api.GET('/overview'))).overview,
    refetchInterval: 15_000,
  })

export const mailsPerPage = 50

export const useMails = (filter: MailQuery, page: number) =>
  useQuery({
    queryKey: ['mails', filter, page],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/mail', { params: { query: { ...filter, page, per_page: mailsPerPage } }, signal })),
    placeholderData: keepPreviousData,
  })

export const useMail = (id: number) =>
  useQuery({
    queryKey: ['mail', id],
    queryFn: async () => (await answerOf(api.GET('/mail/{id}', { params: { path: { id } } }))).mail,
  })

export const useConnectionRequest = (state: string | null) =>
  useQuery({
    queryKey: ['connection-request', state],
    queryFn: async () =>
      (await answerOf(api.GET('/connection_requests/{state}', { params: { path: { state: state ?? '' } } })))
        .connection_request,
    enabled: state !== null,
    retry: false,
  })

/** Where folders are looked for: in a mailbox that is to be connected, or in one that is. */
export type FolderSource = { email: string; tenant?: number } | { connection: number }

/** What was found: the folders, and whose mailbox it is when that was asked for. */
interface FoundFolders {
  folders: Folder[]
  mailbox?: { email: string; name: string }
}

/** The folders directly below one, at the top with an empty parent. */
export const useFolders = (source: FolderSource, parent: string, enabled = true) =>
  useQuery({
    queryKey: ['folders', source, parent],
    queryFn: async ({ signal }): Promise<FoundFolders> => {
      if ('email' in source) {
        const query = { email: source.email, microsoft_tenant_id: source.tenant, parent }
        return answerOf(api.GET('/connections/folders', { params: { query }, signal }))
      }
      const path = { id: source.connection }
      return answerOf(api.GET('/connections/{id}/folders', { params: { path, query: { parent } }, signal }))
    },
    enabled,
    retry: false,
    staleTime: 30_000,
  })

/** What a start of a connection answers: where to sign in, or the connection itself. */
type Started = { connection_request?: { authorize_url: string }; connection?: Connection }

/** Leaves for Microsoft's sign-in page, which sends the browser back to us; true when there is no need to. */
const leaveFor = (started: Started): boolean => {
  if (started.connection_request) location.assign(started.connection_request.authorize_url)
  return started.connection !== undefined
}

/** What an administrator does with addresses, their connections and their mail. */
export function useEmail() {
  const queries = useQueryClient()
  const refresh = async (...keys: string[]) => {
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  const at = (id: number) => ({ params: { path: { id } } })
  /** Does something to a connection, then reads again how it stands. */
  const thenRefresh =
    (act: (connection: number) => Promise<unknown>) =>
    async (connection: number): Promise<void> => {
      await act(connection)
      await refresh('address', 'addresses', 'overview')
    }
  return {
    connect: async (wish: { brand_id: number; email?: string; import: boolean; microsoft_tenant_id?: number }) =>
      leaveFor(await answerOf(api.POST('/connections', { body: { kind: 'exchange', ...wish } }))),
    /** Connects by application permission, at once; returns the address. */
    async connectApplication(wish: { brand_id: number; email: string; tenant?: number; import: boolean } & Reading) {
      const { folder_name: _, tenant: microsoft_tenant_id, ...body } = wish
      const { connection } = await answerOf(
        api.POST('/connections', { body: { kind: 'exchange_app', microsoft_tenant_id, ...body } }),
      )
      await refresh('addresses', 'overview')
      return connection?.address_id
    },
    /** Connects again, by another kind where one is given; true when it is done without a sign-in. */
    async reconnect(connection: number, kind?: Exclude<Connection['kind'], 'forwarding'>) {
      const done = leaveFor(
        await answerOf(api.POST('/connections/{id}/reconnect', { ...at(connection), body: { kind } })),
      )
      if (done) await refresh('address', 'addresses', 'overview')
      return done
    },
    async changeReading(connection: number, { folder, subfolders, afterwards }: Reading) {
      const body = { connection: { folder, subfolders, afterwards } }
      await answerOf(api.PUT('/connections/{id}', { ...at(connection), body }))
      await refresh('address', 'addresses')
    },
    async confirm(state: string, useActual: boolean) {
      const { connection_request } = await answerOf(
        api.POST('/connection_requests/{state}/confirm', {
          params: { path: { state } },
          body: { use_actual: useActual },
        }),
      )
      await refresh('addresses')
      return connection_request
    },
    disconnect: thenRefresh((id) => answerOf(api.POST('/connections/{id}/disconnect', at(id)))),
    sync: thenRefresh((id) => answerOf(api.POST('/connections/{id}/sync', at(id)))),
    reconcile: thenRefresh((id) => answerOf(api.POST('/connections/{id}/reconcile', at(id)))),
    startImport: thenRefresh((id) => answerOf(api.POST('/connections/{id}/import', at(id)))),
    cancelImport: thenRefresh((id) => answerOf(api.POST('/connections/{id}/import/cancel', at(id)))),
    async changeAddress(id: number, change: AddressChange) {
      await answerOf(api.PUT('/recipient_addresses/{id}', { ...at(id), body: { recipient_address: change } }))
      await refresh('address', 'addresses')
    },
    async addOutbound(address: { email: string; name: string; connection_id: number }) {
      await answerOf(api.POST('/recipient_addresses', { body: { recipient_address: address } }))
      await refresh('addresses')
    },
    async setDestinationPolicy(policy: Destination) {
      await answerOf(api.PUT('/destination_policy', { body: { destination_policy: { policy } } }))
      await refresh('destination-policy')
    },
    async removeAddress(id: number) {
      await answerOf(api.DELETE('/recipient_addresses/{id}', at(id)))
      await refresh('addresses', 'overview')
    },
    async retryMail(id: number) {
      await answerOf(api.POST('/mail/{id}/retry', at(id)))
      await refresh('mail', 'mails', 'overview')
    },
    async makeTicket(id: number) {
      const { ticket } = await answerOf(api.POST('/mail/{id}/make_ticket', at(id)))
      await refresh('mail', 'mails', 'overview')
      return ticket
    },
    async accept({ ticket_id, comment_id }: Mail | MailDetails) {
      if (!ticket_id || !comment_id) return
      const path = { id: ticket_id, cid: comment_id }
      await answerOf(api.POST('/tickets/{id}/comments/{cid}/accept', { params: { path } }))
      await refresh('mail', 'mails', 'ticket', 'tickets')
    },
  }
}
