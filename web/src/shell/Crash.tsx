import { useRouteError } from 'react-router'
import { ProblemView } from '../ui/problems'

/** What shows when a page itself broke, or could not be loaded. */
export function Crash() {
  return <ProblemView error={useRouteError()} onRetry={() => location.reload()} />
}
