import type { SearchResult } from '../api/types'

/** The search page with a query. */
export const searchPath = (query: string) => `/search?q=${encodeURIComponent(query)}`

/** Where a result is shown: to administrators in the admin centre, where they change it. */
export function placeOf(result: SearchResult, admin: boolean): string {
  switch (result.result_type) {
    case 'ticket':
      return `/tickets/${result.id}`
    case 'user':
      return `${admin ? '/admin' : ''}/people/${result.id}`
    case 'organization':
      return `${admin ? '/admin' : ''}/organizations/${result.id}`
    default:
      return searchPath(`group:"${result.name}"`)
  }
}
