/** The pieces of a query between blanks outside quotation marks. */
export const pieces = (query: string): string[] => query.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? []

const isOf = (name: string) => (piece: string) => new RegExp(`^-?${name}[:<>]`, 'i').test(piece)

/** What the query asks of a property, with its name: `status<solved`; empty when it asks nothing. */
export const filterOf = (query: string, name: string): string => pieces(query).find(isOf(name)) ?? ''

/** The query with a property asked for in another way; an empty filter removes it. */
export function withFilter(query: string, name: string, filter: string): string {
  const others = pieces(query).filter((piece) => !isOf(name)(piece))
  return [...others, filter].filter(Boolean).join(' ')
}

/** The number in "4711" or "#4711"; undefined when the query is something else. */
export function ticketNumber(query: string): number | undefined {
  const match = /^#?(\d{1,12})$/.exec(query.trim().normalize('NFKC'))
  return match ? Number(match[1]) : undefined
}
