// How long the session has, counted on the server's clock. Asking for it is no use of the session; extending it is.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { answerOf } from '../api/client.ts'
import { isEndOfSession } from '../api/problem.ts'
import { usePortal, useShell } from '../portal-context.ts'

export const clockKey = ['session-clock'] as const

interface Times {
  readonly now: string
  readonly idleEndsAt: string
  readonly endsAt: string
}

interface Ends {
  /** ms since the epoch on this computer's clock. */
  readonly idleEndsAt: number
  readonly endsAt: number
}

export interface SessionClock {
  readonly remainingMs: number
  /** The last moment that extending can reach. */
  readonly endsAt: number
  /** Whether extending brings anything. */
  readonly isExtendable: boolean
  readonly isOver: boolean
  readonly extend: () => Promise<void>
  readonly isExtending: boolean
  /** Looks whether another window has extended it, or somebody ended it. */
  readonly look: () => Promise<void>
}

export function useSessionClock(): SessionClock {
  const { api } = usePortal()
  const shell = useShell()
  const queries = useQueryClient()
  const { data, error } = useQuery({
    queryKey: clockKey,
    queryFn: async () => toEnds(await answerOf(api.GET('/api/v1/sessions/current'))),
    initialData: () => toEnds(shell.session),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    // Another window may extend it, or somebody end it, while the warning stands.
    refetchInterval: ({ state }) => (isNearEnd(state.data) ? LOOK_AGAIN_MS : false),
  })
  const extending = useMutation({
    mutationFn: async () => toEnds(await answerOf(api.POST('/api/v1/sessions/current/extend'))),
    onSuccess: (ends) => queries.setQueryData(clockKey, ends),
  })
  const look = useCallback(() => queries.invalidateQueries({ queryKey: clockKey }), [queries])
  const now = useNow()
  const end = Math.min(data.idleEndsAt, data.endsAt)
  return {
    remainingMs: Math.max(0, end - now),
    endsAt: data.endsAt,
    isExtendable: data.endsAt - data.idleEndsAt > 1_000,
    isOver: end <= now || isEndOfSession(error),
    extend: async () => {
      await extending.mutateAsync()
    },
    isExtending: extending.isPending,
    look,
  }
}

/** From here on there is a warning. */
export const WARNED_MS = 300_000
const LOOK_AGAIN_MS = 5_000

const isNearEnd = (ends: Ends | undefined): boolean =>
  ends !== undefined && Math.min(ends.idleEndsAt, ends.endsAt) - Date.now() <= WARNED_MS

function toEnds({ now, idleEndsAt, endsAt }: Times): Ends {
  const ahead = Date.now() - Date.parse(now)
  return { idleEndsAt: Date.parse(idleEndsAt) + ahead, endsAt: Date.parse(endsAt) + ahead }
}

/** Moves each second. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
