import { Problem } from '../api/problem'
import { ProblemView } from '../ui/problems'

/** An address that leads nowhere. */
export function NotFound() {
  return <ProblemView error={new Problem({ status: 404, code: 'page_not_found', message: '', side: 'yours' })} />
}
