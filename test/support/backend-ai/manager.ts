// A stand-in for a Backend.AI Manager: everything that a webserver asks of one, in the words of the protocol.

import { type Clock, systemClock } from '#kernel'
import { accountRoutes } from './account-routes.ts'
import { type AccountBook, createAccountBook, type ManagerAccount } from './accounts.ts'
import { sendJson } from './answers.ts'
import { authorizeRoute } from './authorize.ts'
import { echoRoute } from './echo.ts'
import { createEventHub, type EventHub, eventRoutes } from './event-hub.ts'
import { graphqlRoute } from './graphql-routes.ts'
import type { SharedRecords } from './login-records.ts'
import type { ManagerState, ManagerVersion } from './manager-state.ts'
import { pluginRoutes } from './plugin-routes.ts'
import { at, type Route } from './route.ts'
import { specialRoutes } from './special-answers.ts'
import { type StandIn, type StandInOptions, startStandIn } from './stand-in.ts'
import { createUploads, type Uploads } from './uploads.ts'

export interface ManagerOptions extends StandInOptions {
  /** 26.2 if absent. */
  readonly version?: ManagerVersion
  /** `defaultAccounts` if absent. */
  readonly accounts?: readonly ManagerAccount[]
  /** The only one there is; `default` if absent. */
  readonly domain?: string
  readonly clock?: Clock
  /** Where the session records of 26.4 and later go; nowhere if absent. */
  readonly records?: SharedRecords
}

export interface Manager extends StandIn {
  readonly accounts: AccountBook
  readonly clock: Clock
  readonly events: EventHub
  readonly uploads: Uploads
}

/** Ada uses things, grace looks after them, mallory means no good. Their passwords carry a mark that no log may show. */
export const defaultAccounts: readonly ManagerAccount[] = [
  { username: 'ada@example.org', password: 'CANARY-ada-writes-notes' },
  { username: 'grace@example.org', password: 'CANARY-grace-finds-moths', role: 'superadmin' },
  { username: 'mallory@example.org', password: 'CANARY-mallory-knocks' },
]

export async function startManager(options: ManagerOptions = {}): Promise<Manager> {
  const { version = '26.2', domain = 'default', clock = systemClock, records } = options
  const accounts = createAccountBook(options.accounts ?? defaultAccounts, clock.now)
  const events = createEventHub()
  const { uploads, route: uploadRoute } = createUploads()
  const state: ManagerState = { version, domain, clock, accounts, records }
  const routes: readonly Route[] = [
    versionRoute(version),
    healthRoute,
    authorizeRoute(state),
    ...accountRoutes(state),
    uploadRoute,
    ...pluginRoutes(state),
    ...eventRoutes(events),
    graphqlRoute(at('/admin/gql'), 'proved', { events, accounts }),
    graphqlRoute(at('/admin/graphql'), 'proved', { events, accounts }),
    ...specialRoutes,
    ...(version === '26.8' ? [echoRoute(at('/v2/{}/public/{}'), 'anyone')] : []),
    echoRoute(at('/{...}'), 'proved'),
  ]
  const socketRoutes = [
    { path: at('/stream/{...}'), access: 'proved' },
    { path: at('/admin/gql'), access: 'proved' },
  ] as const
  const standIn = await startStandIn({ accounts, clock, routes, socketRoutes }, options)
  return Object.freeze({ ...standIn, accounts, clock, events, uploads })
}

const versionRoute = (version: ManagerVersion): Route => ({
  name: 'GET /',
  methods: ['GET'],
  path: at('/'),
  access: 'anyone',
  answer: ({ response }) => sendJson(response, 200, { version: 'v9.20250722', manager: releases[version] }),
})

const releases: Readonly<Record<ManagerVersion, string>> = { '26.2': '26.2.5', '26.4': '26.4.10', '26.8': '26.8.0' }

const healthRoute: Route = {
  name: 'GET /health/readyz',
  methods: ['GET'],
  path: at('/health/readyz'),
  access: 'anyone',
  answer: ({ response }) => sendJson(response, 200, { status: 'ok' }),
}
