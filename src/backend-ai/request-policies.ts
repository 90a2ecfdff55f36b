// The request policies of §6.1, by the same names. They look closer than the webserver did: at the host whatever its
// spelling, and at all of a file's path.

import type { Answer, Mount, RequestContext, Route } from '#http'
import type { SecurityConfig } from './security-config.ts'
import { webUiErrors } from './web-ui/errors.ts'

export interface RequestPolicies {
  /** What is forwarded: names there are the service's own, so only the last one is looked at. */
  forwarded(mount: Mount): Mount
  /** What is served from files. */
  files(mount: Mount): Mount
  routes(routes: readonly Route[]): readonly Route[]
}

type Refuses = (ctx: RequestContext) => boolean

type PolicyName = SecurityConfig['requestPolicies'][number]

export function createRequestPolicies(names: readonly PolicyName[]): RequestPolicies {
  const refusesHost: Refuses = names.includes('reject_metadata_local_link_policy') ? namesMetadataService : never
  const checksFiles = names.includes('reject_access_for_unsafe_file_policy')
  return Object.freeze({
    forwarded: (mount: Mount) => guard(mount, either(refusesHost, checksFiles ? endsWithUnsafeName : never)),
    files: (mount: Mount) => guard(mount, either(refusesHost, checksFiles ? holdsUnsafeName : never)),
    routes: (routes: readonly Route[]) =>
      routes.map((route) => ({
        ...route,
        handle: (...args: Parameters<Route['handle']>) => (refusesHost(args[0]) ? FORBIDDEN : route.handle(...args)),
      })),
  })
}

const never: Refuses = () => false
const either = (a: Refuses, b: Refuses): Refuses => {
  if (a === never) return b
  return b === never ? a : (ctx) => a(ctx) || b(ctx)
}

const FORBIDDEN: Answer = {
  kind: 'bytes',
  status: 403,
  contentType: 'text/plain; charset=utf-8',
  body: '403: Forbidden',
}

/** Whatever a check before has thrown: what a policy refuses is refused in its words. */
function guard(mount: Mount, refuses: Refuses): Mount {
  if (refuses === never) return mount
  const check = (ctx: RequestContext): void => {
    if (!refuses(ctx)) return
    ctx.log.warn({ event: 'security_violation', kind: 'request_policy', path: ctx.target.path }, 'refused')
    throw webUiErrors.refusedByPolicy({})
  }
  const { serve, upgrade, errorAnswer } = mount
  return {
    ...mount,
    async serve(ctx, response) {
      check(ctx)
      return serve(ctx, response)
    },
    ...(upgrade !== undefined && {
      async upgrade(ctx, socket, head) {
        check(ctx)
        await upgrade(ctx, socket, head)
      },
    }),
    errorAnswer: (ctx, error) => (refuses(ctx) ? FORBIDDEN : errorAnswer?.(ctx, error)),
  }
}

const METADATA_SERVICES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  '169.254.169.254',
  '100.100.100.200',
  'alibaba.zaproxy.org',
  'metadata.oraclecloud.com',
])

/** Browsers and proxies read `2852039166:80` and `[::ffff:a9fe:a9fe]` as the same address. */
function namesMetadataService({ request: { headers } }: RequestContext): boolean {
  const name = URL.parse(`http://${headers.host ?? ''}`)?.hostname.replace(/\.$/, '') ?? ''
  const [, high = '', low = ''] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(name) ?? []
  const mapped = [high, low].map((part) => Number.parseInt(part, 16)).flatMap((part) => [part >> 8, part & 255])
  return METADATA_SERVICES.has(high === '' ? name : mapped.join('.'))
}

const UNSAFE_NAMES: ReadonlySet<string> = new Set('._darcs .bzr .hg bitkeeper .bak .log .git .svn'.split(' '))

/** Parameters are no part of a name, and some file systems know no letter case. */
const namesIn = (path: string): readonly string[] =>
  path.split('/').map((segment) => segment.replace(/;.*/s, '').toLowerCase())

const endsWithUnsafeName: Refuses = ({ target: { path } }) => UNSAFE_NAMES.has(namesIn(path).at(-1) ?? '')

const holdsUnsafeName: Refuses = ({ target: { path } }) =>
  namesIn(path).some((name) => UNSAFE_NAMES.has(name) || name.endsWith('.bak') || name.endsWith('.log'))
