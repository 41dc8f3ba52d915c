import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { CountedQuery, ReportQuery, TicketPage, TicketReport } from '../api/types'

export const useReport = (query: ReportQuery) =>
  useQuery<TicketReport>({
    queryKey: ['tickets', 'report', query],
    queryFn: ({ signal }) => answerOf(api.GET('/reports/tickets', { params: { query }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const countedPerPage = 50

/** The tickets that a figure of a report counts. */
export const useCounted = (query: CountedQuery, page: number) =>
  useQuery<TicketPage>({
    queryKey: ['tickets', 'counted', query, page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/reports/tickets/counted', {
          params: { query: { ...query, include: 'users', page, per_page: countedPerPage } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })

/** What the groups of a report are called, by their keys. */
export function useGroupNames(by: ReportQuery['group_by']) {
  const { data } = useQuery({
    queryKey: ['people', 'report-names', by],
    queryFn: async () => {
      if (by === 'assignee') {
        const query = { 'role[]': ['agent' as const, 'admin' as const], per_page: 100 }
        return (await answerOf(api.GET('/users', { params: { query } }))).users
      }
      if (by === 'brand') return (await answerOf(api.GET('/brands'))).brands
      if (by === 'group') return (await answerOf(api.GET('/groups'))).groups
      return []
    },
    staleTime: 60_000,
  })
  const names = new Map<string, string>()
  for (const one of data ?? []) names.set(String(one.id), one.name)
  return names
}
