import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../../api/client'
import type { AppliedMacro, Macro, MacroBody, TicketChange } from '../../api/types'

/** The macros that whoever is signed in works with. */
export const useOfferedMacros = () =>
  useQuery({
    queryKey: ['macros', 'offered'],
    queryFn: async () => (await answerOf(api.GET('/macros/active'))).macros,
    staleTime: 60_000,
  })

export const useMacros = () =>
  useQuery({ queryKey: ['macros', 'list'], queryFn: async () => (await answerOf(api.GET('/macros'))).macros })

export const useMacro = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['macros', id],
    queryFn: async () => (await answerOf(api.GET('/macros/{id}', { params: { path: { id } } }))).macro,
    enabled,
    refetchOnWindowFocus: false,
  })

export const useMacroDefinitions = () =>
  useQuery({
    queryKey: ['macro-definitions'],
    queryFn: async () => (await answerOf(api.GET('/macros/definitions'))).definitions,
    staleTime: Infinity,
  })

/** What a macro makes of a ticket; nothing is saved. */
export const applyMacro = async (id: number, ticket: number): Promise<AppliedMacro> =>
  (await answerOf(api.GET('/tickets/{ticket_id}/macros/{id}/apply', { params: { path: { id, ticket_id: ticket } } }))).result

/** What a macro would change, for whoever is choosing it. */
export const useApplied = (id: number | undefined, ticket: number) =>
  useQuery({
    queryKey: ['macros', 'applied', id, ticket],
    queryFn: () => applyMacro(id!, ticket),
    enabled: id !== undefined,
    staleTime: 0,
    retry: false,
  })

/** The properties that a macro sets, as a change of the ticket. */
export function changeOf({ ticket }: AppliedMacro): TicketChange {
  const change: Record<string, unknown> = {}
  for (const name of ['subject', 'status', 'priority', 'type', 'assignee_id', 'group_id', 'brand_id', 'tags'] as const)
    if (ticket[name] !== undefined) change[name] = ticket[name]
  if (ticket.email_cc_ids) change.email_ccs = ticket.email_cc_ids.map((user_id) => ({ user_id }))
  if (ticket.follower_ids) change.followers = ticket.follower_ids.map((user_id) => ({ user_id }))
  return change
}

export function useMacroActions() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['macros'] })
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async save(id: number | undefined, macro: MacroBody) {
      const asked = id ? api.PUT('/macros/{id}', { ...at(id), body: { macro } }) : api.POST('/macros', { body: { macro } })
      const saved = (await answerOf<{ macro: Macro }>(asked)).macro
      await refresh()
      return saved
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/macros/{id}', at(id)))
      await refresh()
    },
    async move(id: number, position: number) {
      await answerOf(api.PUT('/macros/update_many', { body: { macros: [{ id, position }] } }))
      await refresh()
    },
  }
}
