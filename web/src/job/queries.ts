import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'

export const jobStates = ['dead', 'waiting', 'running'] as const
export type JobState = (typeof jobStates)[number]

export const jobsPerPage = 50

export const useJobs = (state: JobState, page: number) =>
  useQuery({
    queryKey: ['jobs', state, page],
    queryFn: () => answerOf(api.GET('/jobs', { params: { query: { state, page, per_page: jobsPerPage } } })),
    refetchInterval: state === 'dead' ? false : 5000,
  })

/** What an administrator does with background work that stopped. */
export function useJobActions() {
  const queries = useQueryClient()
  const refresh = () => Promise.all(['jobs', 'overview'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  const at = (id: number) => ({ params: { path: { id } } })
  return {
    async retry(id: number) {
      await answerOf(api.POST('/jobs/{id}/retry', at(id)))
      await refresh()
    },
    async cancel(id: number) {
      await answerOf(api.POST('/jobs/{id}/cancel', at(id)))
      await refresh()
    },
    async retryAll() {
      await answerOf(api.POST('/jobs/retry_all', { params: { query: { state: 'dead' } } }))
      await refresh()
    },
  }
}
