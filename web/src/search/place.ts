import type { SearchResult } from '../api/types'

/** The search page with a query. */
export const searchPath = (query: string) => `/search?q=${encodeURIComponent(query)}`

/** Where a result is shown. People's own pages are for administrators; to others their tickets are shown. */
export function placeOf(result: SearchResult, admin: boolean): string {
  switch (result.result_type) {
    case 'ticket':
      return `/tickets/${result.id}`
    case 'user':
      return admin ? `/admin/people/${result.id}` : searchPath(`requester:${result.email}`)
    case 'organization':
      return searchPath(`organization:"${result.name}"`)
    default:
      return searchPath(`group:"${result.name}"`)
  }
}
