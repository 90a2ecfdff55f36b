// Whose account it is at a hub, and whether the hub still takes it: the hub itself is asked, the way programs do.

import { useQuery } from '@tanstack/react-query'
import type { paths } from '../../api/generated/openapi.ts'
import type { HeldCalls } from '../../api/held-calls.ts'
import { Problem, toProblem } from '../../api/problem.ts'
import { usePortal } from '../../portal-context.ts'

export type Hub = paths['/api/v1/hubs']['get']['responses'][200]['content']['application/json']['hubs'][number]

export type Connection =
  | { readonly kind: 'closed' | 'off' | 'lost' | 'silent' }
  /** The name is not known before the hub has said it, nor where it does not tell it. */
  | { readonly kind: 'on'; readonly name?: string }

export function useConnection(hub: Hub): Connection {
  const { held } = usePortal()
  const { data, error } = useQuery({
    queryKey: ['hub-account', hub.id],
    queryFn: () => askHub(hub, held.send),
    enabled: hub.mayUse && hub.connected,
    retry: false,
  })
  if (!hub.mayUse) return { kind: 'closed' }
  if (!hub.connected) return { kind: 'off' }
  if (error !== null) return { kind: 'silent' }
  return data ?? { kind: 'on' }
}

/** https://docs.gitlab.com/api/users/#retrieve-the-current-user @throws Problem if nobody knows */
async function askHub({ api }: Hub, send: HeldCalls['send']): Promise<Connection> {
  const request = new Request(`${api}user`, { headers: { accept: 'application/json' } })
  const answer = await send(request).catch((cause: unknown) => {
    throw new Problem({ status: 0, cause })
  })
  const said: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return { kind: 'on', ...nameIn(said) }
  const problem = toProblem(said, answer.status)
  const { code, status } = problem.facts
  // Without a code of ours it is the hub that says 401: it has ended the token before its time.
  if (code === 'credential.missing' || (status === 401 && code === undefined)) return { kind: 'lost' }
  // The token is good, and too narrow to ask for names with.
  if (status === 403 && code === undefined) return { kind: 'on' }
  throw problem
}

function nameIn(said: unknown): { readonly name?: string } {
  if (typeof said !== 'object' || said === null || !('username' in said)) return {}
  const { username } = said
  if (typeof username !== 'string') return {}
  const full = 'name' in said && typeof said.name === 'string' ? said.name : username
  return { name: full === username ? username : `${full} (${username})` }
}
