// The way in to services on hosts of their own: from there to the portal, which knows the person and asks the service's
// policy, and back with a ticket. `leave` and `/auth/arrive` are on those hosts, `/auth/host` is at the portal.

import { z } from 'zod'
import {
  type Answer,
  type AppHost,
  type AppHosts,
  ARRIVAL_PATH,
  type Decision,
  defineRoute,
  isRefusal,
  type Mount,
  type PublicUrl,
  parseTarget,
  type RequestContext,
  type Route,
} from '#http'
import { isChallenge, type Sessions } from '#sessions'
import { accessErrors, hostErrors } from './errors.ts'
import type { RefusalRecorder } from './refusal-recorder.ts'

export interface HostEntry {
  /** Sends a navigation on a host to the portal, to come back with a session. */
  leave(ctx: RequestContext): Answer
  readonly routes: readonly Route[]
  readonly hostRoutes: readonly Route[]
}

export interface HostEntryDeps {
  readonly hosts: AppHosts
  readonly publicUrl: Pick<PublicUrl, 'urlTo'>
  readonly sessions: Pick<Sessions, 'hosts'>
  readonly recordRefusal: RefusalRecorder
  /** What answers there. */
  readonly find: (host: AppHost, path: string) => Mount | undefined
}

const entryQuery = z.object({ host: z.string(), challenge: z.string(), path: z.string() })

export function createHostEntry({ hosts, publicUrl, sessions, recordRefusal, find }: HostEntryDeps): HostEntry {
  const decide = (ctx: RequestContext, host: AppHost, path: string): Decision => {
    const bare = path.split('?', 1)[0] ?? ''
    const mount = find(host, bare)
    if (mount?.mayOpen === undefined) throw hostErrors.unknown({})
    return mount.mayOpen(ctx, bare.slice(mount.prefix.length - 1))
  }

  const enter = async (ctx: RequestContext, query: z.output<typeof entryQuery>): Promise<Answer> => {
    if (!isWholeTab(ctx)) throw hostErrors.notOpened({})
    const host = hosts.named(query.host)
    if (host === undefined || !isChallenge(query.challenge) || !isPathOf(host, query.path)) throw hostErrors.unknown({})
    const decision = decide(ctx, host, query.path)
    if (!decision.allow) {
      recordRefusal(ctx, decision.because)
      throw accessErrors.refused(
        { because: decision.because },
        { internal: { because: decision.because, host: host.name } },
      )
    }
    const ticket = await sessions.hosts.issue(ctx, { ...query, host: host.name })
    return goTo(`${host.origin}${ARRIVAL_PATH}?ticket=${ticket}`)
  }

  return Object.freeze({
    leave(ctx: RequestContext) {
      const entry = { host: ctx.appHost?.name ?? '', challenge: sessions.hosts.challenge(ctx) }
      const whole = entryPath({ ...entry, path: ctx.target.raw })
      return goTo(publicUrl.urlTo(whole.length > MAX_ENTRY_LENGTH ? entryPath({ ...entry, path: '/' }) : whole))
    },
    routes: [
      defineRoute({
        method: 'GET',
        path: ENTRY_PATH,
        routeClass: 'page',
        access: 'self',
        query: entryQuery,
        handle: (ctx, { query }) => enter(ctx, query),
      }),
    ],
    hostRoutes: [
      defineRoute({
        method: 'GET',
        path: ARRIVAL_PATH,
        routeClass: 'callback',
        access: 'public',
        query: z.object({ ticket: z.string() }),
        handle: async (ctx, { query }) => goTo(await sessions.hosts.arrive(ctx, query.ticket)),
      }),
    ],
  })
}

const ENTRY_PATH = '/auth/host'

/** Longer ones do not fit through a login. */
const MAX_ENTRY_LENGTH = 1024

const entryPath = (query: z.output<typeof entryQuery>): string =>
  `${ENTRY_PATH}?${new URLSearchParams(query).toString()}`

const goTo = (location: string): Answer => ({ kind: 'redirect', status: 303, location })

/** A frame or a script must not have a way in made for it. */
const isWholeTab = ({ wantsPage, request: { headers } }: RequestContext): boolean =>
  wantsPage && (headers['sec-fetch-dest'] ?? 'document') === 'document'

/** Only a path of that host: one reading, and resolved there it stays there. */
const isPathOf = ({ origin }: AppHost, path: string): boolean =>
  !isRefusal(parseTarget(path)) && !path.startsWith(ARRIVAL_PATH) && URL.parse(path, origin)?.origin === origin
