import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { OrganizationChange } from '../api/types'

export const organizationsPerPage = 50

/** The orders that the API knows: by name, or what changed last first. */
export type OrganizationOrder = 'name' | '-updated_at'

export const useOrganizations = (query: string, sort: OrganizationOrder, page: number) =>
  useQuery({
    queryKey: ['organizations', 'list', query, sort, page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/organizations', { params: { query: { query, sort, page, per_page: organizationsPerPage } }, signal }),
      ),
    placeholderData: keepPreviousData,
  })

export const useOrganization = (id: number | null | undefined) =>
  useQuery({
    queryKey: ['organizations', id],
    queryFn: async () =>
      (await answerOf(api.GET('/organizations/{id}', { params: { path: { id: id ?? 0 } } }))).organization,
    enabled: Boolean(id),
  })

/** How much belongs to an organization, before it is deleted. */
export const useOrganizationRelated = (id: number) =>
  useQuery({
    queryKey: ['organizations', id, 'related'],
    queryFn: async () =>
      (await answerOf(api.GET('/organizations/{id}/related', { params: { path: { id } } }))).organization_related,
    gcTime: 0,
  })

/** The names of some organizations by their ids. */
export function useOrganizationNames(wanted: (number | null)[]) {
  const ids = [...new Set(wanted.filter((id) => id !== null))].sort((a, b) => a - b)
  const { data } = useQuery({
    queryKey: ['organizations', 'names', ids],
    queryFn: async () =>
      (await answerOf(api.GET('/organizations/show_many', { params: { query: { ids } } }))).organizations,
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  })
  return new Map(data?.map((one) => [one.id, one.name]))
}

/** Organizations whose name has the words. */
export const useOrganizationsLike = (query: string) =>
  useQuery({
    queryKey: ['organizations', 'like', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/organizations', { params: { query: { query, page: 1, per_page: 8 } }, signal })))
        .organizations,
    placeholderData: keepPreviousData,
  })

/** What is done with organizations. */
export function useOrganizationActions() {
  const queries = useQueryClient()
  const refresh = () =>
    Promise.all(['organizations', 'people'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  return {
    /** Changes an organization, or adds one. */
    async save(id: number | undefined, organization: OrganizationChange) {
      const answer = await answerOf(
        id
          ? api.PUT('/organizations/{id}', { params: { path: { id } }, body: { organization } })
          : api.POST('/organizations', { body: { organization } }),
      )
      await refresh()
      return answer.organization
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/organizations/{id}', { params: { path: { id } } }))
      await refresh()
    },
  }
}

/** Mail domains as people separate them. */
export const splitDomains = (text: string) => text.split(/[\s,、;]+/).filter(Boolean)
