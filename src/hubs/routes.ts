// What the portal shows of hubs: which there are, and at which of them the session has the person's account.

import { z } from 'zod'
import { defineRoute, json, type Mount, type PublicUrl, type Route } from '#http'
import type { ActiveSession, Sessions } from '#sessions'
import type { Hub } from './hub.ts'

const shownHub = z.object({
  id: z.string().describe('Names the hub.'),
  label: z.string().describe('What people call it.'),
  provider: z.string().describe('The login provider to connect: `POST /auth/connect/PROVIDER`.'),
  href: z.string().describe('Where people open the hub itself.'),
  api: z.string().describe('Where its API is here, with the base path.'),
  mayUse: z.boolean().describe('Whether the person may use the hub here at all.'),
  because: z.string().exactOptional().describe('Why not, and who could.'),
  connected: z.boolean().describe('Whether this session has an account there.'),
  isLogin: z.boolean().describe('Whether it is the account of the login itself.'),
  since: z.iso.datetime().exactOptional().describe('Since when, if that is known.'),
})

type ShownHub = z.output<typeof shownHub>

export interface HubRoutesDeps {
  readonly sessions: Pick<Sessions, 'current'>
  readonly publicUrl: Pick<PublicUrl, 'pathTo'>
}

/** A hub, and what decides who may use it. */
export interface MountedHub {
  readonly hub: Hub
  readonly mount: Pick<Mount, 'authorize'>
}

export const createHubRoutes = (
  hubs: readonly MountedHub[],
  { sessions, publicUrl }: HubRoutesDeps,
): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/hubs',
    routeClass: 'api',
    access: 'self',
    summary: 'The GitLab servers that can be used here, and at which of them this session has an account',
    output: { 200: z.object({ hubs: z.array(shownHub) }) },
    handle: (ctx) => {
      const session = sessions.current.get(ctx)
      const shown = hubs.map(({ hub: { id, label, provider, url, prefix }, mount }): ShownHub => {
        const api = publicUrl.pathTo(`${prefix}api/v4/`)
        const decision = mount.authorize(ctx)
        const use = decision.allow ? { mayUse: true } : { mayUse: false, because: decision.because }
        return { id, label, provider, href: url, api, ...use, ...connectionOf(session, provider) }
      })
      return json({ hubs: shown })
    },
  }),
]

function connectionOf(
  session: ActiveSession | undefined,
  provider: string,
): Pick<ShownHub, 'connected' | 'isLogin' | 'since'> {
  if (session === undefined || !Object.hasOwn(session.credentials, provider))
    return { connected: false, isLogin: false }
  const { row } = session
  const isLogin = row.provider === provider
  const connectedAt = row.connected?.find((account) => account.provider === provider)?.connectedAt
  const sinceMs = isLogin ? row.createdAt : connectedAt
  return { connected: true, isLogin, ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }) }
}
