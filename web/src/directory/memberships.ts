import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'

/** What people belong to, as the API names it. */
export type Whole = 'organization' | 'group'

interface Membership {
  id: number
  user_id: number
  organization_id?: number
  group_id?: number
  default: boolean
}

// The API has the same under two names; the types of the first stand for both.
const pathOf = (whole: Whole) => `/${whole}_memberships` as '/organization_memberships'
const pathOfUser = (whole: Whole) => `/users/{id}/${whole}_memberships` as '/users/{id}/organization_memberships'
const memberships = (whole: Whole, answer: object) =>
  (answer as Record<string, Membership[]>)[`${whole}_memberships`] ?? []

/** The organization or team that a membership is of. */
export const wholeOf = (one: Membership) => one.organization_id ?? one.group_id ?? 0

const membershipsOf = async (whole: Whole, user: number) =>
  memberships(
    whole,
    await answerOf(api.GET(pathOfUser(whole), { params: { path: { id: user }, query: { page: 1, per_page: 100 } } })),
  )

/** The organizations or teams of a person. */
export const useMembershipsOf = (whole: Whole, user: number) =>
  useQuery({ queryKey: ['people', user, 'memberships', whole], queryFn: () => membershipsOf(whole, user) })

export const membersPerPage = 20

/** The people of an organization or a team. */
export const useMembers = (whole: Whole, id: number, query: string, page: number) =>
  useQuery({
    queryKey: ['people', 'of', whole, id, query, page],
    queryFn: ({ signal }) => {
      const of = whole === 'organization' ? { organization_id: id } : { group_id: id }
      return answerOf(
        api.GET('/users', { params: { query: { ...of, query, page, per_page: membersPerPage } }, signal }),
      )
    },
    placeholderData: keepPreviousData,
  })

/** Who joins and who leaves. */
export function useMembershipActions(whole: Whole) {
  const queries = useQueryClient()
  const refresh = () =>
    Promise.all(
      ['organizations', 'groups', 'people', 'ticket', 'tickets'].map((key) =>
        queries.invalidateQueries({ queryKey: [key] }),
      ),
    )
  const find = async (user: number, id: number) => {
    const found = (await membershipsOf(whole, user)).find((one) => wholeOf(one) === id)
    if (!found) await refresh() // somebody else was quicker
    return found
  }
  return {
    async join(user: number, id: number) {
      const membership = { user_id: user, [`${whole}_id`]: id }
      await answerOf(api.POST(pathOf(whole), { body: { [`${whole}_membership`]: membership } as never }))
      await refresh()
    },
    async leave(user: number, id: number) {
      const found = await find(user, id)
      if (!found) return
      const path = `/${whole}_memberships/{id}` as '/organization_memberships/{id}'
      await answerOf(api.DELETE(path, { params: { path: { id: found.id } } }))
      await refresh()
    },
    async makeDefault(user: number, id: number) {
      const found = await find(user, id)
      if (!found) return
      const path =
        `/users/{id}/${whole}_memberships/{mid}/make_default` as '/users/{id}/organization_memberships/{mid}/make_default'
      await answerOf(api.PUT(path, { params: { path: { id: user, mid: found.id } } }))
      await refresh()
    },
  }
}
