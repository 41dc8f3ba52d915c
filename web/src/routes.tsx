import { createBrowserRouter, Navigate } from 'react-router'
import { AdminOnly, SignedIn } from './shell/guards'
import { Crash } from './shell/Crash'
import { NotFound } from './shell/NotFound'

/** Wraps a lazily loaded page for the router. */
const page = (load: () => Promise<Record<string, React.ComponentType>>) => async () => {
  const [Component] = Object.values(await load())
  return { Component }
}

export const routes = createBrowserRouter([
  {
    errorElement: <Crash />,
    hydrateFallbackElement: <></>,
    children: [
      { path: '/signin', lazy: page(() => import('./session/SignIn')) },
      { path: '/setup/:token', lazy: page(() => import('./session/SetUp')) },
      {
        element: <SignedIn />,
        children: [
          { index: true, element: <Navigate to="/tickets" replace /> },
          { path: '/tickets', lazy: page(() => import('./desk/TicketList')) },
          { path: '/tickets/new', lazy: page(() => import('./desk/NewTicket')) },
          { path: '/tickets/:id', lazy: page(() => import('./desk/TicketPage')) },
          { path: '/profile', lazy: page(() => import('./session/Profile')) },
          {
            path: '/admin',
            element: <AdminOnly />,
            children: [
              { index: true, lazy: page(() => import('./email/Home')) },
              { path: 'email', lazy: page(() => import('./email/Addresses')) },
              { path: 'email/new', lazy: page(() => import('./email/ConnectWizard')) },
              { path: 'email/addresses/:id', lazy: page(() => import('./email/AddressPage')) },
              { path: 'mail', lazy: page(() => import('./email/Ledger')) },
              { path: 'mail/:id', lazy: page(() => import('./email/MailPage')) },
              { path: 'jobs', lazy: page(() => import('./job/Jobs')) },
              { path: 'people', lazy: page(() => import('./directory/People')) },
              { path: 'people/:id', lazy: page(() => import('./directory/PersonPage')) },
              { path: 'brands', lazy: page(() => import('./directory/Brands')) },
              { path: 'tokens', lazy: page(() => import('./access/Tokens')) },
              { path: 'audit', lazy: page(() => import('./access/Audit')) },
            ],
          },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
])
