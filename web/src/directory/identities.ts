import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { Identity, Role } from '../api/types'

export const useIdentities = (user: number) =>
  useQuery({
    queryKey: ['people', user, 'identities'],
    queryFn: async () =>
      (await answerOf(api.GET('/users/{id}/identities', { params: { path: { id: user } } }))).identities,
  })

/** How much belongs to a person, before it is merged. */
export const useRelated = (user: number | undefined) =>
  useQuery({
    queryKey: ['people', user, 'related'],
    queryFn: async () =>
      (await answerOf(api.GET('/users/{id}/related', { params: { path: { id: user ?? 0 } } }))).user_related,
    enabled: user !== undefined,
  })

/** People of some roles, or of any, whose name, address or number has the text. */
export const usePeopleLike = (query: string, roles?: Role[]) =>
  useQuery({
    queryKey: ['people', 'like', query, roles],
    queryFn: async ({ signal }) =>
      (
        await answerOf(
          api.GET('/users/search', { params: { query: { 'role[]': roles, query, page: 1, per_page: 8 } }, signal }),
        )
      ).users,
    enabled: query.trim() !== '',
    placeholderData: keepPreviousData,
  })

/** What is done with one person's identities, and with the person as a whole. */
export function useIdentityActions(user: number) {
  const queries = useQueryClient()
  const refresh = () =>
    Promise.all(['people', 'ticket', 'tickets'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  const at = (identity: number) => ({ params: { path: { id: user, iid: identity } } })
  return {
    async add(type: Identity['type'], value: string) {
      const identity = { type, value }
      await answerOf(api.POST('/users/{id}/identities', { params: { path: { id: user } }, body: { identity } }))
      await refresh()
    },
    async remove(identity: number) {
      await answerOf(api.DELETE('/users/{id}/identities/{iid}', at(identity)))
      await refresh()
    },
    async makePrimary(identity: number) {
      await answerOf(api.PUT('/users/{id}/identities/{iid}/make_primary', at(identity)))
      await refresh()
    },
    async split(identity: number) {
      const { user } = await answerOf(api.POST('/users/{id}/identities/{iid}/split', at(identity)))
      await refresh()
      return user
    },
    async mergeInto(other: number) {
      await answerOf(api.PUT('/users/{id}/merge', { params: { path: { id: user } }, body: { user: { id: other } } }))
      await refresh()
    },
  }
}
