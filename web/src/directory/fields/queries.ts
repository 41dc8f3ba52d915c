import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../../api/client'
import type { CustomField, CustomFieldBody } from '../../api/types'

/** What custom fields belong to, as the API names it. */
export type FieldOwner = 'ticket' | 'user' | 'organization'

// The API has the same under three names; the types of the first stand for all.
const pathOf = (owner: FieldOwner) => `/${owner}_fields` as '/ticket_fields'
const pathOfOne = (owner: FieldOwner) => `/${owner}_fields/{id}` as '/ticket_fields/{id}'
const bodyOf = (owner: FieldOwner, field: CustomFieldBody) => ({ [`${owner}_field`]: field })

/** The custom fields of an owner in their order, inactive ones included. */
export const useFields = (owner: FieldOwner, enabled = true) =>
  useQuery({
    queryKey: ['fields', owner],
    queryFn: async () => {
      const answer = await answerOf(api.GET(pathOf(owner)))
      return (answer[`${owner}_fields`] ?? []).filter((field) => !field.system)
    },
    enabled,
    staleTime: 60_000,
  })

/** How many have a value in a field. */
export const useFieldUsage = (owner: FieldOwner, id: number) =>
  useQuery({
    queryKey: ['fields', owner, id, 'usage'],
    queryFn: async () =>
      (
        await answerOf(
          api.GET(`/${owner}_fields/{id}/usage` as '/ticket_fields/{id}/usage', { params: { path: { id } } }),
        )
      ).count.value,
    gcTime: 0,
  })

/** What an administrator does with the fields of an owner. */
export function useFieldActions(owner: FieldOwner) {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['fields', owner] })
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async save(id: number | undefined, field: CustomFieldBody) {
      const body = bodyOf(owner, field)
      if (id) await answerOf(api.PUT(pathOfOne(owner), { ...at(id), body }))
      else await answerOf(api.POST(pathOf(owner), { body }))
      await refresh()
    },
    async remove(id: number) {
      await answerOf(api.DELETE(pathOfOne(owner), at(id)))
      await refresh()
    },
    async reorder(fields: CustomField[]) {
      queries.setQueryData(['fields', owner], fields)
      await answerOf(
        api.PUT(`/${owner}_fields/reorder` as '/ticket_fields/reorder', {
          body: { [`${owner}_field_ids`]: fields.map(({ id }) => id) },
        }),
      ).finally(refresh)
    },
  }
}
