import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'

/** What the operator has set up for forwarding. */
export const useForwarding = () =>
  useQuery({
    queryKey: ['forwarding'],
    queryFn: async () => (await answerOf(api.GET('/forwarding'))).forwarding,
  })

/** What an administrator does with the way by which mail of an address comes. */
export function useRoutes() {
  const queries = useQueryClient()
  const at = (id: number) => ({ params: { path: { id } } })
  const thenRefresh =
    (act: (address: number) => Promise<unknown>) =>
    async (address: number): Promise<void> => {
      await act(address)
      await Promise.all(['address', 'addresses', 'overview'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
    }
  return {
    async addForwarded(wish: { email: string; brand_id: number }) {
      const { recipient_address } = await answerOf(
        api.POST('/recipient_addresses', { body: { recipient_address: wish } }),
      )
      await queries.invalidateQueries({ queryKey: ['addresses'] })
      return recipient_address
    },
    verify: thenRefresh((id) =>
      answerOf(api.PUT('/recipient_addresses/{id}/verify', { ...at(id), body: { type: 'forwarding' } })),
    ),
    renew: thenRefresh((id) => answerOf(api.POST('/recipient_addresses/{id}/renew_forwarding', at(id)))),
    changeToForwarding: thenRefresh((id) =>
      answerOf(api.POST('/recipient_addresses/{id}/change', { ...at(id), body: { to: 'forwarding' } })),
    ),
    /** Leaves for Microsoft's sign-in page; it sends the browser back to us. */
    async changeToExchange(id: number) {
      const { connection_request } = await answerOf(
        api.POST('/recipient_addresses/{id}/change', { ...at(id), body: { to: 'exchange' } }),
      )
      if (connection_request) location.assign(connection_request.authorize_url)
    },
    finishChange: thenRefresh((id) => answerOf(api.POST('/recipient_addresses/{id}/change/finish', at(id)))),
    cancelChange: thenRefresh((id) => answerOf(api.DELETE('/recipient_addresses/{id}/change', at(id)))),
  }
}
