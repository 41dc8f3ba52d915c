import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { whenSignedOut } from './api/client'
import { Problem } from './api/problem'
import { startLanguages } from './i18n'
import { AllRoutes } from './routes'
import { whenSignedOutElsewhere } from './session/queries'
import { Appearance } from './shell/Appearance'
import { GuardedRouter } from './shell/GuardedRouter'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused it will refuse again; what did not reach it may yet.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
})

const askWhoIsSignedIn = () => void queries.invalidateQueries({ queryKey: ['session'] })
whenSignedOut(askWhoIsSignedIn)
whenSignedOutElsewhere(askWhoIsSignedIn)

await startLanguages()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Appearance>
        <GuardedRouter>
          <Suspense>
            <AllRoutes />
          </Suspense>
        </GuardedRouter>
      </Appearance>
    </QueryClientProvider>
  </StrictMode>,
)
