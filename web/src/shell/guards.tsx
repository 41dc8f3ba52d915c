import { lazy, useEffect } from 'react'
import { Navigate, Outlet, useLocation, useParams } from 'react-router'
import { useQueryClient } from '@tanstack/react-query'
import { followEvents } from '../api/live'
import { Problem } from '../api/problem'
import { DraftsProvider } from '../desk/drafts'
import { OutgoingProvider } from '../desk/Outgoing'
import { hearOfViewer, viewerKinds } from '../desk/viewers'
import { useMe, useSession } from '../session/queries'
import { ProblemView } from '../ui/problems'
import { Loaded } from '../ui/states'
import { NotFound } from './NotFound'
import { Shell } from './Shell'

const AdminFrame = lazy(() => import('./AdminFrame').then((m) => ({ default: m.AdminFrame })))

/** The workspace for who is signed in; the way to the sign-in for who is not. */
export function SignedIn() {
  const session = useSession()
  const { pathname, search } = useLocation()
  return (
    <Loaded query={session}>
      {({ user }) => {
        if (user) return <Live />
        const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
        return <Navigate to={`/signin${next}`} replace />
      }}
    </Loaded>
  )
}

function Live() {
  const queries = useQueryClient()
  useEffect(() => followEvents(queries, viewerKinds, (event) => hearOfViewer(queries, event)), [queries])
  return (
    <DraftsProvider>
      <OutgoingProvider>
        <Shell />
      </OutgoingProvider>
    </DraftsProvider>
  )
}

/** The admin centre, for administrators alone. */
export function AdminOnly() {
  const me = useMe()
  if (me.role !== 'admin') {
    return <ProblemView error={new Problem({ status: 403, code: 'admin_only', message: '', side: 'admin' })} />
  }
  return <AdminFrame />
}

/** What has a number in its address; an address with anything else there leads nowhere. */
export function Numbered() {
  const { id = 'new' } = useParams()
  return id === 'new' || /^[1-9]\d{0,14}$/.test(id) ? <Outlet /> : <NotFound />
}
