import type { Import } from '../api/types'

/** How long an import still takes if it goes on as before; null while too little is known. */
export function timeLeft(
  { created_at, done, total }: Pick<Import, 'created_at' | 'done' | 'total'>,
  now: Date,
): number | null {
  const spent = now.getTime() - new Date(created_at).getTime()
  if (done < 10 || total <= done || spent <= 0) return null
  return (spent / done) * (total - done)
}
