/** A path within this application; never another site's address that a link smuggled in. */
export function safePath(next: string | null): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.startsWith('/\\')) return '/tickets'
  return next
}
