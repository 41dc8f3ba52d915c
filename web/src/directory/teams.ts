import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { GroupChange, GroupMembership } from '../api/types'

export const useTeam = (id: number) =>
  useQuery({
    queryKey: ['groups', id],
    queryFn: async () => (await answerOf(api.GET('/groups/{id}', { params: { path: { id } } }))).group,
  })

/** Who belongs to which team, all of it: agents are few. */
export const useTeamMemberships = () =>
  useQuery({
    queryKey: ['groups', 'memberships'],
    queryFn: async () => {
      const all: GroupMembership[] = []
      for (let page = 1, more = true; more; page++) {
        const answer = await answerOf(api.GET('/group_memberships', { params: { query: { page, per_page: 100 } } }))
        all.push(...answer.group_memberships)
        more = Boolean(answer.next_page)
      }
      return all
    },
    staleTime: 60_000,
  })

/** Where a team is used, before it is deleted. */
export const useTeamUse = (id: number) =>
  useQuery({
    queryKey: ['groups', id, 'related'],
    queryFn: async () => (await answerOf(api.GET('/groups/{id}/related', { params: { path: { id } } }))).group_related,
    gcTime: 0,
  })

/** What an administrator does with teams. */
export function useTeamActions() {
  const queries = useQueryClient()
  const refresh = () => Promise.all(['groups', 'people'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  return {
    /** Changes a team, or adds one. */
    async save(id: number | undefined, group: GroupChange) {
      const answer = await answerOf(
        id
          ? api.PUT('/groups/{id}', { params: { path: { id } }, body: { group } })
          : api.POST('/groups', { body: { group } }),
      )
      await refresh()
      return answer.group
    },
    /** Deletes a team; its tickets go to another one, or to "none". */
    async remove(id: number, to: string) {
      await answerOf(api.DELETE('/groups/{id}', { params: { path: { id }, query: { move_tickets_to: to } } }))
      await refresh()
    },
  }
}
