import { useQuery, useQueryClient } from '@tanstack/react-query'
import { get, post } from '../api/client'
import type { Job } from '../api/types'

export const jobsPerPage = 50

export const useJobs = (state: string, page: number) =>
  useQuery({
    queryKey: ['jobs', state, page],
    queryFn: () => get<{ jobs: Job[]; count: number }>('/jobs', { state, page, per_page: jobsPerPage }),
    refetchInterval: state === 'dead' ? false : 5000,
  })

/** What an administrator does with background work that stopped. */
export function useJobActions() {
  const queries = useQueryClient()
  const act = async (path: string) => {
    await post(path)
    await Promise.all(['jobs', 'overview'].map((key) => queries.invalidateQueries({ queryKey: [key] })))
  }
  return {
    retry: (id: number) => act(`/jobs/${id}/retry`),
    cancel: (id: number) => act(`/jobs/${id}/cancel`),
    retryAll: () => act('/jobs/retry_all?state=dead'),
  }
}
