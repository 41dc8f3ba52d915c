import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { Role, UserChange } from '../api/types'

export const useBrands = () =>
  useQuery({
    queryKey: ['brands'],
    queryFn: async () => (await answerOf(api.GET('/brands'))).brands,
    staleTime: 60_000,
  })

export const usersPerPage = 50

/** Whom a list of people shows. */
export interface PeopleFilter {
  roles: Role[]
  query: string
  organization?: number
  team?: number
  suspended: boolean
}

/** The filter as the API asks for it. */
export const queryOf = ({ roles, query, organization, team, suspended }: PeopleFilter) => ({
  'role[]': roles,
  query,
  organization_id: organization,
  group_id: team,
  suspended: suspended || undefined,
})

export const useUsers = (filter: PeopleFilter, page: number) =>
  useQuery({
    queryKey: ['people', 'list', queryOf(filter), page],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/users', { params: { query: { ...queryOf(filter), page, per_page: usersPerPage } }, signal })),
    placeholderData: keepPreviousData,
  })

export const useDeletedUsers = (page: number) =>
  useQuery({
    queryKey: ['people', 'deleted', page],
    queryFn: () => answerOf(api.GET('/deleted_users', { params: { query: { page, per_page: usersPerPage } } })),
    placeholderData: keepPreviousData,
  })

export const useUser = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['people', id],
    queryFn: async () => (await answerOf(api.GET('/users/{id}', { params: { path: { id } } }))).user,
    enabled,
  })

/** What people are called, by their numbers. */
export function usePeopleNamed(wanted: number[]): Map<number, string> {
  const ids = [...new Set(wanted)].sort((a, b) => a - b).slice(0, 100) // as many as the API shows at once
  const { data } = useQuery({
    queryKey: ['people', 'names', ids],
    queryFn: async () => (await answerOf(api.GET('/users/show_many', { params: { query: { ids } } }))).users,
    enabled: ids.length > 0,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
  })
  return new Map(data?.map((user) => [user.id, user.name || user.email]))
}

/** What is done with people and brands. */
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
    async changeUser(id: number, user: UserChange) {
      await answerOf(api.PUT('/users/{id}', { ...at(id), body: { user } }))
      await Promise.all([refresh('people'), refresh('ticket')])
    },
    async deleteUser(id: number) {
      await answerOf(api.DELETE('/users/{id}', at(id)))
      await Promise.all(['people', 'organizations'].map(refresh))
    },
    /** Begins to delete for good what is known of a deleted person. */
    async eraseUser(id: number) {
      await answerOf(api.DELETE('/deleted_users/{id}', at(id)))
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
