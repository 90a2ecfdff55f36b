// Finds out that somebody has logged in again, in another tab or window: then what was kept is sent, if it is the same
// person. If it is somebody else, nothing of this page is sent any more; nor is anything before that is known.

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { hasCode } from '../api/problem.ts'
import { shellKey, usePortal, useShell } from '../portal-context.ts'
import { clockKey, clockQuery } from './session-clock.ts'

/** Where a login in a tab of its own ends: a page of the server that tells the other tabs. */
export const LOGGED_IN_PATH = '/portal/logged-in'

export interface NewLogin {
  /** The name of somebody else who has logged in in this browser. */
  readonly other: string | undefined
  /** Asks who is logged in now, and for how long. It is no use of the session. */
  readonly look: () => Promise<void>
}

export function useNewLogin(): NewLogin {
  const { api, held, place } = usePortal()
  const { person } = useShell()
  /** Whose page this is, whoever is heard of later. */
  const [ownerId] = useState(person.id)
  const queries = useQueryClient()
  const [other, setOther] = useState<string>()
  const isOthers = useRef(false)
  const looks = useRef(0)

  const look = useCallback(async () => {
    looks.current += 1
    const turn = looks.current
    held.stop()
    try {
      // An answer that is under way may be of before a login.
      await queries.cancelQueries({ queryKey: clockKey })
      const { person: present } = await queries.fetchQuery({ ...clockQuery(api), staleTime: 0 })
      if (turn !== looks.current) return
      isOthers.current = present.id !== ownerId
      setOther(isOthers.current ? present.displayName : undefined)
      if (isOthers.current) return
      const wasKept = held.need() !== undefined
      held.tryAgain()
      if (wasKept) await queries.invalidateQueries({ queryKey: shellKey })
    } catch (error) {
      if (turn === looks.current && !isOthers.current) {
        held.resume()
        // Nothing would show that it is waited for.
        if (held.need() === 'look') held.giveUp()
      }
      // Whose account waits has a page of its own; that nobody is logged in is seen by the clock.
      if (hasCode(error, 'access.pending')) await queries.invalidateQueries({ queryKey: shellKey })
    }
  }, [api, held, ownerId, queries])

  useEffect(() => {
    const tabs = new BroadcastChannel(`gatehouse${place.basePath}`)
    const again = (): void => void look()
    const seen = (): void => {
      if (document.visibilityState === 'visible') again()
    }
    tabs.addEventListener('message', again)
    window.addEventListener('focus', again)
    document.addEventListener('visibilitychange', seen)
    // Whoever comes to this page may have logged in just now.
    tabs.postMessage('login')
    return () => {
      tabs.close()
      window.removeEventListener('focus', again)
      document.removeEventListener('visibilitychange', seen)
    }
  }, [look, place.basePath])

  return { other, look }
}
