// How long the session has, counted on the server's clock. Asking for it is no use of the session; extending it is.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type Api, AT_ONCE, answerOf } from '../api/client.ts'
import { isEndOfSession } from '../api/problem.ts'
import { usePortal, useShell } from '../portal-context.ts'

export const clockKey = ['session-clock'] as const

/** What to ask, and where the answer is kept. */
export const clockQuery = (api: Api) =>
  ({
    queryKey: clockKey,
    queryFn: async () => toSeen(await answerOf(api.GET('/api/v1/sessions/current', AT_ONCE))),
    retry: false,
  }) as const

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

interface Seen extends Ends {
  /** Whose session it is. */
  readonly person: { readonly id: string; readonly displayName: string }
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
}

export function useSessionClock(): SessionClock {
  const { api } = usePortal()
  const shell = useShell()
  const queries = useQueryClient()
  const { data, error } = useQuery({
    ...clockQuery(api),
    initialData: (): Seen => ({ ...toEnds(shell.session), person: shell.person }),
    staleTime: Number.POSITIVE_INFINITY,
    // Another window may extend it, or somebody end it, while the warning stands.
    refetchInterval: ({ state }) => (isNearEnd(state.data) ? LOOK_AGAIN_MS : false),
  })
  const extending = useMutation({
    mutationFn: async () => toSeen(await answerOf(api.POST('/api/v1/sessions/current/extend', AT_ONCE))),
    onSuccess: (seen) => queries.setQueryData(clockKey, seen),
  })
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

function toSeen(answer: Times & { readonly user: Seen['person'] }): Seen {
  const { id, displayName } = answer.user
  return { ...toEnds(answer), person: { id, displayName } }
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
