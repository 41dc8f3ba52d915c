import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { answerOf, api } from '../api/client'
import type { SearchResults } from '../api/types'

export const resultsPerPage = 25

/** The order of results; the server puts the most relevant first unless told. */
export type Order = 'relevance' | 'updated_at' | 'created_at' | 'priority' | 'status'

export const useSearch = (query: string, page = 1, perPage = resultsPerPage, order: Order = 'relevance') =>
  useQuery<SearchResults>({
    queryKey: ['tickets', 'search', query, page, perPage, order],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET('/search', {
          params: { query: { query, page, per_page: perPage, sort_by: order, include: 'users,highlights' } },
          signal,
        }),
      ),
    enabled: query.trim() !== '',
    placeholderData: keepPreviousData,
  })
