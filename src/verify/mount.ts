// `/auth/verify` on the front door: writes what was decided. Every request to a service behind a proxy in front passes
// here, so nothing of it is rendered or parsed twice.

import type { ServerResponse } from 'node:http'
import { type Decision, type Mount, type RequestContext, serializeCookie } from '#http'
import type { Verdict } from './service.ts'

export function createVerifyMount(verify: (ctx: RequestContext) => Verdict): Mount {
  return Object.freeze<Mount>({
    id: 'verify',
    prefix: '/auth/verify/',
    routeClass: 'verify',
    authorize: () => ASKS,
    serve(ctx, response) {
      try {
        write(ctx, response, verify(ctx))
        return WRITTEN
      } catch (error) {
        return Promise.reject(error)
      }
    },
  })
}

const ASKS: Decision = Object.freeze({ allow: true, rule: 'a proxy asks; what it asks about is decided each time' })
const WRITTEN = Promise.resolve()

function write(ctx: RequestContext, response: ServerResponse, verdict: Verdict): void {
  const head = ['content-length', '0', 'cache-control', 'no-store']
  for (const [name, value] of ctx.responseHeaders) head.push(name, value)
  // Some proxies send the body along, which nobody reads: it must not be taken for the next request.
  if (hasBody(ctx)) head.push('connection', 'close')
  if (verdict.kind === 'allowed') {
    // Envoy takes nothing but 200 for a yes.
    response.writeHead(200, [...head, ...verdict.headers]).end()
    return
  }
  for (const cookie of ctx.responseCookies) head.push('set-cookie', serializeCookie(cookie))
  response.writeHead(303, [...head, 'location', verdict.location]).end()
}

const hasBody = ({ request: { headers } }: RequestContext): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
