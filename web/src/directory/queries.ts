import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { Role, User } from '../api/types'

export const useBrands = () =>
  useQuery({
    queryKey: ['brands'],
    queryFn: async () => (await answerOf(api.GET('/brands'))).brands,
    staleTime: 60_000,
  })

export const usersPerPage = 50

/** People of a role; without one, everyone who works here. */
export const useUsers = (role: Role | undefined, query: string, page: number) =>
  useQuery({
    queryKey: ['people', 'list', role, query, page],
    queryFn: () =>
      answerOf(
        api.GET('/users', {
          params: { query: { 'role[]': role ? [role] : ['agent', 'admin'], query, page, per_page: usersPerPage } },
        }),
      ),
  })

export const useUser = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['people', id],
    queryFn: async () => (await answerOf(api.GET('/users/{id}', { params: { path: { id } } }))).user,
    enabled,
  })

/** What an administrator does with people and brands. */
export function useDirectory() {
  const queries = useQueryClient()
  const refresh = (key: string) => queries.invalidateQueries({ queryKey: [key] })
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async createUser(user: { name: string; email: string; role: Role }) {
      const answer = await answerOf(api.POST('/users', { body: { user } }))
      await refresh('people')
      return answer
    },
    async changeUser(id: number, user: Partial<Pick<User, 'name' | 'role' | 'suspended' | 'user_fields'>>) {
      await answerOf(api.PUT('/users/{id}', { ...at(id), body: { user } }))
      await refresh('people')
    },
    newSetupLink: async (id: number) => (await answerOf(api.POST('/users/{id}/setup_link', at(id)))).setup_url,
    async saveBrand(id: number | undefined, brand: { name: string; signature: string }) {
      if (id) await answerOf(api.PUT('/brands/{id}', { ...at(id), body: { brand } }))
      else await answerOf(api.POST('/brands', { body: { brand } }))
      await refresh('brands')
    },
  }
}
