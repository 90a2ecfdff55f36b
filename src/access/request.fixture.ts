// Requests and people for the tests of this folder.

import type { Mount, RequestContext, Route, RouteAccess } from '#http'
import type { UserId } from '#kernel'
import type { ActiveSession, SessionRow } from '#sessions'
import type { LogFields, Logger } from '#telemetry'
import { createFakeContext } from '../../test/support/fake-context.ts'

export interface AskedRequest {
  readonly method?: string
  readonly raw?: string
  readonly routeClass?: RequestContext['routeClass']
  readonly route?: RouteAccess
  readonly mount?: Mount
  readonly wantsPage?: boolean
  readonly isUpgrade?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestRequest extends RequestContext {
  readonly logged: LogFields[]
}

export function createRequest({ raw = '/', route, mount, headers = {}, ...facts }: AskedRequest): TestRequest {
  const logged: LogFields[] = []
  const ctx = createFakeContext({
    routeClass: 'page',
    ...facts,
    target: raw,
    request: { headers },
    // Only what the steps read of a route.
    route: route === undefined ? undefined : ({ access: route } as Route),
    mount,
    pattern: mount === undefined ? raw : `${mount.prefix}*`,
    log: createRecordingLogger(logged),
  })
  return Object.assign(ctx, { logged })
}

export const createMount = (authorize: Mount['authorize'], prefix = '/api/manager/'): Mount => ({
  id: 'manager',
  prefix,
  routeClass: 'proxied',
  authorize,
  serve: async () => {},
})

export function createSession(person: Partial<SessionRow> = {}): ActiveSession {
  const row: SessionRow = {
    ref: 'ref',
    userId: 'user-ada' as UserId,
    provider: 'sso',
    issuer: 'https://sso.example.org',
    subject: 'ada',
    username: 'ada',
    displayName: 'Ada',
    groups: ['lab'],
    createdAt: 0,
    authenticatedAt: 0,
    lastSeenAt: 0,
    idleEndsAt: 1,
    endsAt: 1,
    address: '192.0.2.7',
    userAgent: '',
    version: 1,
    ...person,
  }
  return { row, credentials: {} }
}

export function createRecordingLogger(logged: LogFields[]): Logger {
  const write = (fields: LogFields): void => void logged.push(fields)
  return { debug: write, info: write, warn: write, error: write, child: () => createRecordingLogger(logged) }
}
