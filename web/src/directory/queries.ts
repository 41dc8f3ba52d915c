import { useQuery, useQueryClient } from '@tanstack/react-query'
import { get, post, put } from '../api/client'
import type { Brand, Role, User } from '../api/types'

export const useBrands = () =>
  useQuery({
    queryKey: ['brands'],
    queryFn: () => get<{ brands: Brand[] }>('/brands', { per_page: 100 }).then((answer) => answer.brands),
    staleTime: 60_000,
  })

export const usersPerPage = 50

export const useUsers = (filter: Record<string, string>, page: number) =>
  useQuery({
    queryKey: ['people', 'list', filter, page],
    queryFn: () => {
      const { role, ...rest } = filter
      // Everyone who works here: agents and administrators.
      const roles = role ? `role=${role}` : 'role[]=agent&role[]=admin'
      return get<{ users: User[]; count: number }>(
        `/users?${roles}&${new URLSearchParams({ ...rest, page: String(page), per_page: String(usersPerPage) })}`,
      )
    },
  })

export const useUser = (id: number) =>
  useQuery({
    queryKey: ['people', id],
    queryFn: () => get<{ user: User }>(`/users/${id}`).then((answer) => answer.user),
  })

/** What an administrator does with people and brands. */
export function useDirectory() {
  const queries = useQueryClient()
  const refresh = (key: string) => queries.invalidateQueries({ queryKey: [key] })
  return {
    async createUser(user: { name: string; email: string; role: Role }) {
      const answer = await post<{ user: User; setup_url?: string }>('/users', { user })
      await refresh('people')
      return answer
    },
    async changeUser(id: number, user: Partial<Pick<User, 'name' | 'role' | 'suspended'>>) {
      await put(`/users/${id}`, { user })
      await refresh('people')
    },
    newSetupLink: (id: number) => post<{ setup_url: string }>(`/users/${id}/setup_link`).then(({ setup_url }) => setup_url),
    async saveBrand(brand: { id?: number; name: string; signature: string }) {
      const { id, ...body } = brand
      await (id ? put(`/brands/${id}`, { brand: body }) : post('/brands', { brand: body }))
      await refresh('brands')
    },
  }
}
