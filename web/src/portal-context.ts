// What every part of the portal needs: where it is, the API, and what the server said of this person.

import { useSuspenseQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { type Api, AT_ONCE, answerOf } from './api/client.ts'
import type { HeldCalls } from './api/held-calls.ts'
import type { Place } from './place.ts'

export interface PortalContext {
  readonly place: Place
  readonly api: Api
  /** Through which all calls of `api` go. */
  readonly held: HeldCalls
  /** Says whose page this is. Nobody who is heard of later makes it theirs. */
  readonly own: (personId: string) => void
}

export const Portal = createContext<PortalContext | undefined>(undefined)

export function usePortal(): PortalContext {
  const portal = useContext(Portal)
  if (portal === undefined) throw new Error('outside of the portal')
  return portal
}

export const shellKey = ['portal'] as const

/** Asked once; what changes it puts its answer there. */
export function useShell() {
  const { api, own } = usePortal()
  return useSuspenseQuery({
    queryKey: shellKey,
    async queryFn() {
      const shell = await answerOf(api.GET('/api/v1/portal', AT_ONCE))
      own(shell.person.id)
      return shell
    },
    staleTime: Number.POSITIVE_INFINITY,
  }).data
}

export type Shell = ReturnType<typeof useShell>
