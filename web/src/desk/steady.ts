/** A list as it stands before the reader, and how many new rows wait to be let in. */
export interface Steady<T> {
  rows: T[]
  arrived: number
}

/**
 * Takes fresh rows into the list that is being read without moving it: known
 * rows are renewed in their places, rows that left are removed, new ones are
 * only counted.
 */
export function settle<T extends { id: number }>(shown: T[], fresh: T[]): Steady<T> {
  const renewed = new Map(fresh.map((row) => [row.id, row]))
  const rows = shown.flatMap((row) => renewed.get(row.id) ?? [])
  // With nothing left to read there is nothing to hold still.
  if (rows.length === 0) return { rows: fresh, arrived: 0 }
  return { rows, arrived: fresh.length - rows.length }
}
