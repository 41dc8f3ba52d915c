import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf, api } from '../api/client'
import { columnName } from './customColumn'
import type { TicketPage, View, ViewCount, ViewTicketQuery } from '../api/types'

/** The views that whoever is signed in works with: shared ones, then their own. */
export const useViews = () =>
  useQuery({
    queryKey: ['views', 'offered'],
    queryFn: async () => (await answerOf(api.GET('/views/active'))).views,
  })

// A count that is older than what has happened since is asked for again soon.
const countAgain = 2500

/** How many tickets stand in each of the views. */
export const useViewCounts = (ids: number[]) =>
  useQuery({
    queryKey: ['tickets', 'counts', ids],
    queryFn: async ({ signal }) => {
      const { view_counts } = await answerOf(api.GET('/views/count_many', { params: { query: { ids } }, signal }))
      return new Map(view_counts.map((count) => [count.view_id, count]))
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data && [...state.data.values()].some((count) => !count.fresh && !count.broken) ? countAgain : false,
  })

export const ticketsPerPage = 50

/** One page of a view's tickets, with the people and brands that they name. */
export const useViewTickets = (id: number | undefined, query: ViewTicketQuery) =>
  useQuery<TicketPage>({
    queryKey: ['tickets', 'view', id, query],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/views/{id}/tickets', {
          params: { path: { id: id! }, query: { ...query, include: 'users', per_page: ticketsPerPage } },
          signal,
        }),
      ),
    enabled: id !== undefined,
    placeholderData: keepPreviousData,
  })

/** The view that an address names, by its number or as it was shipped, or that of all open tickets; else the first one. */
export const findView = (views: View[], name: string | null) =>
  views.find((view) => String(view.id) === name || view.shipped === (name ?? 'open')) ?? views[0]

/** Titles of views: those that came with Tandem in the reader's language. */
export function useViewTitle() {
  const { t } = useTranslation()
  return (view: View): string => {
    switch (view.shipped) {
      case 'mine':
      case 'unassigned':
      case 'open':
      case 'new':
      case 'teams':
      case 'pending':
      case 'solved':
      case 'all':
      case 'flagged':
      case 'failed':
        return t(`view.${view.shipped}`)
    }
    return view.title
  }
}

/** A count as it stands beside a view: "…" until it is known, "10,000+" when there are more. */
export function countText(count: ViewCount | undefined, language: string): string {
  if (!count || count.broken) return ''
  if (count.value === null) return '…'
  return count.value.toLocaleString(language) + (count.more ? '+' : '')
}

/** What the list is sorted by when the address says nothing: as the API writes it, "-updated" is newest first. */
export function orderOf(view: View): string {
  const { sort } = view.execution
  return sort ? `${sort.order === 'desc' ? '-' : ''}${columnName(sort.id)}` : ''
}
