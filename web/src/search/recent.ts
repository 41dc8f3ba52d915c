const key = 'tandem.searches'
const most = 6

/** What was searched for in this browser, the newest first. */
export function recentSearches(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string').slice(0, most) : []
  } catch {
    return []
  }
}

export function rememberSearch(query: string) {
  const others = recentSearches().filter((one) => one !== query)
  localStorage.setItem(key, JSON.stringify([query, ...others].slice(0, most)))
}
