// What every page stands in: theme, words, what was asked of the API, and which page the address means.

import { MantineProvider } from '@mantine/core'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Suspense, useMemo } from 'react'
import { createApi } from './api/client.ts'
import { createHeldCalls } from './api/held-calls.ts'
import { hasCode, isEndOfSession } from './api/problem.ts'
import { createPortalRouter } from './pages/router.tsx'
import type { Place } from './place.ts'
import { Portal, shellKey } from './portal-context.ts'
import { clockKey } from './shell/session-clock.ts'
import { ToastProvider } from './shell/toast.tsx'
import { schemeKeeper } from './theme/scheme.ts'
import { theme } from './theme/theme.ts'

/** Whatever hears first that the session is over, or that whoever has it now must wait: the shell asks, and says so. */
const tellShell = (error: Error): void => {
  if (isEndOfSession(error)) void queries.invalidateQueries({ queryKey: clockKey })
  if (hasCode(error, 'access.pending')) void queries.invalidateQueries({ queryKey: shellKey })
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { queryKey }) => queryKey[0] !== clockKey[0] && tellShell(error) }),
  mutationCache: new MutationCache({ onError: tellShell }),
  defaultOptions: {
    queries: {
      // Coming back to the window is no use of the session: it must not move its end.
      refetchOnWindowFocus: false,
      staleTime: 10_000,
      retry: (times, error) => !isEndOfSession(error) && times < 1,
    },
  },
})

export function Application({ place }: { readonly place: Place }) {
  const portal = useMemo(() => {
    const held = createHeldCalls()
    let ownerId: string | undefined
    const api = createApi({ basePath: place.basePath, send: held.send, ownerId: () => ownerId })
    const own = (id: string): void => {
      ownerId ??= id
    }
    return { place, held, api, own }
  }, [place])
  const router = useMemo(() => createPortalRouter(place.home), [place.home])
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme={place.theme === 'system' ? 'auto' : place.theme}
      colorSchemeManager={schemeKeeper(place.theme)}
      getStyleNonce={() => place.nonce}
    >
      <QueryClientProvider client={queries}>
        <Portal value={portal}>
          <ToastProvider>
            <Suspense>
              <RouterProvider router={router} />
            </Suspense>
          </ToastProvider>
        </Portal>
      </QueryClientProvider>
    </MantineProvider>
  )
}
