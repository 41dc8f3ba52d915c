import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../../api/client'
import { bulkEnd, refusal } from '../../api/bulk'
import type { DeletedTickets, JobStatus, Merge } from '../../api/types'

export const deletedPerPage = 50

export const useDeletedTickets = (page: number) =>
  useQuery<DeletedTickets>({
    queryKey: ['tickets', 'deleted', page],
    queryFn: ({ signal }) =>
      answerOf(api.GET('/deleted_tickets', { params: { query: { page, per_page: deletedPerPage } }, signal })),
    placeholderData: keepPreviousData,
  })

export const useTicketSettings = () =>
  useQuery({
    queryKey: ['ticket-settings'],
    queryFn: async () => (await answerOf(api.GET('/ticket_settings'))).ticket_settings,
  })

/** What ends a ticket, or brings it back; each leaves the cache fresh. */
export function useTicketLife() {
  const queries = useQueryClient()
  const refresh = (...ids: number[]) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['tickets'] }),
      ...ids.map((id) => queries.invalidateQueries({ queryKey: ['ticket', id] })),
    ])
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async remove(id: number) {
      await answerOf(api.DELETE('/tickets/{id}', at(id)))
      queries.removeQueries({ queryKey: ['ticket', id] })
      await refresh()
    },
    async removeMany(ids: number[]): Promise<JobStatus> {
      const { job_status } = await answerOf(api.DELETE('/tickets/destroy_many', { params: { query: { ids } } }))
      const done = await bulkEnd(job_status)
      await refresh()
      return done
    },
    async restore(id: number) {
      await answerOf(api.PUT('/deleted_tickets/{id}/restore', at(id)))
      await refresh(id)
    },
    async restoreMany(ids: number[]): Promise<JobStatus> {
      const { job_status } = await answerOf(api.PUT('/deleted_tickets/restore_many', { params: { query: { ids } } }))
      const done = await bulkEnd(job_status)
      await refresh(...ids)
      return done
    },
    async deleteForGood(ids: number[]): Promise<JobStatus> {
      const { job_status } = await answerOf(api.DELETE('/deleted_tickets/destroy_many', { params: { query: { ids } } }))
      const done = await bulkEnd(job_status)
      await refresh()
      return done
    },
    async markAsSpam(id: number) {
      await answerOf(api.PUT('/tickets/{id}/mark_as_spam', at(id)))
      queries.removeQueries({ queryKey: ['ticket', id] })
      await Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['people'] })])
    },
    async markManyAsSpam(ids: number[]): Promise<JobStatus> {
      const { job_status } = await answerOf(api.PUT('/tickets/mark_many_as_spam', { params: { query: { ids } } }))
      const done = await bulkEnd(job_status)
      await Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['people'] })])
      return done
    },
    async noSpam(ids: number[], requesters: number[]) {
      for (const id of new Set(requesters))
        await answerOf(api.PUT('/users/{id}', { ...at(id), body: { user: { suspended: false } } }))
      const { job_status } = await answerOf(api.PUT('/deleted_tickets/restore_many', { params: { query: { ids } } }))
      await bulkEnd(job_status)
      await Promise.all([refresh(...ids), queries.invalidateQueries({ queryKey: ['people'] })])
    },
    async merge(into: number, sources: number[], merge: Omit<Merge, 'ids'>) {
      const { job_status } = await answerOf(
        api.POST('/tickets/{id}/merge', { ...at(into), body: { ...merge, ids: sources } }),
      )
      const { results } = await bulkEnd(job_status)
      if (results?.[0]) throw refusal(results[0]) // all or none
      await refresh(into, ...sources)
    },
    async saveSettings(close_after_days: number) {
      await answerOf(api.PUT('/ticket_settings', { body: { ticket_settings: { close_after_days } } }))
      await queries.invalidateQueries({ queryKey: ['ticket-settings'] })
    },
  }
}
