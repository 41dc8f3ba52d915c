import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../../api/client'
import type { Trigger, TriggerBody, TriggerTestBody } from '../../api/types'

export const useTriggers = () =>
  useQuery({
    queryKey: ['triggers', 'list'],
    queryFn: async () => (await answerOf(api.GET('/triggers'))).triggers,
  })

export const useTrigger = (id: number, enabled = true) =>
  useQuery({
    queryKey: ['triggers', id],
    queryFn: async () => (await answerOf(api.GET('/triggers/{id}', { params: { path: { id } } }))).trigger,
    enabled,
    // Somebody writes in the form that shows it.
    refetchOnWindowFocus: false,
  })

/** What conditions can look at and what triggers can do; it changes with the program only. */
export const useDefinitions = () =>
  useQuery({
    queryKey: ['trigger-definitions'],
    queryFn: async () => (await answerOf(api.GET('/triggers/definitions'))).definitions,
    staleTime: Infinity,
  })

export const useGroups = () =>
  useQuery({
    queryKey: ['groups'],
    queryFn: async () => (await answerOf(api.GET('/groups'))).groups,
    staleTime: 60_000,
  })

/** What happened to a ticket, newest first. */
export const useHistory = (ticket: number) =>
  useQuery({
    queryKey: ['ticket', ticket, 'audits'],
    queryFn: () =>
      answerOf(api.GET('/tickets/{id}/audits', { params: { path: { id: ticket }, query: { include: 'users' } } })),
    select: ({ audits, users = [] }) => ({ audits: audits.toReversed(), users }),
  })

/** Runs the triggers on a ticket or mail without writing anything. */
export const testTriggers = async (test: TriggerTestBody) =>
  (await answerOf(api.POST('/triggers/test', { body: { test } }))).test

/** What an administrator does with triggers. */
export function useTriggerActions() {
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['triggers'] })
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async save(id: number | undefined, trigger: TriggerBody) {
      const asked = id
        ? api.PUT('/triggers/{id}', { ...at(id), body: { trigger } })
        : api.POST('/triggers', { body: { trigger } })
      const saved = (await answerOf<{ trigger: Trigger }>(asked)).trigger
      await refresh()
      return saved
    },
    async remove(id: number) {
      await answerOf(api.DELETE('/triggers/{id}', at(id)))
      await refresh()
    },
    async reorder(ids: number[]) {
      // The rows stay where they were dropped while the server is asked.
      queries.setQueryData<Trigger[]>(['triggers', 'list'], (old) =>
        old?.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
      )
      try {
        await answerOf(api.PUT('/triggers/reorder', { body: { trigger_ids: ids } }))
      } finally {
        await refresh()
      }
    },
  }
}
