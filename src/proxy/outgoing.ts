// Builds the request that goes to an upstream: the raw suffix below its path, the client's headers rebuilt, then what
// the gateway says about the request. The signer comes after. Shared by HTTP requests and WebSocket handshakes.

import type { PublicUrl, RequestContext } from '#http'
import type { HeaderRules } from './headers.ts'
import { describeInstead, type InsteadBody } from './instead.ts'
import type { OutgoingRequest } from './signer.ts'
import type { UpstreamUrl } from './upstream-url.ts'

/** Still open for what the signer returns. */
export interface OutgoingDraft extends OutgoingRequest {
  readonly headers: string[]
}

export interface OutgoingOptions {
  /** The mount's prefix: `/api/manager/`. */
  readonly prefix: string
  /** And the slashes behind it. */
  readonly cutsSlashes: boolean
  readonly rules: HeaderRules
  readonly publicUrl: Pick<PublicUrl, 'host'>
}

export function createOutgoing({
  prefix,
  cutsSlashes,
  rules,
  publicUrl,
}: OutgoingOptions): (ctx: RequestContext, to: UpstreamUrl, instead?: InsteadBody) => OutgoingDraft {
  const prefixLength = prefix.length
  const suffixOf = (raw: string): string => {
    const suffix = raw.slice(prefixLength)
    return cutsSlashes && suffix.startsWith('/') ? suffix.replace(/^\/+/, '') : suffix
  }
  return (ctx, { basePath, host }, instead) => {
    const fromClient = rules.toUpstream(ctx.request.rawHeaders, ctx.isUpgrade)
    const headers = instead === undefined ? fromClient : describeInstead(fromClient, instead)
    const { address } = ctx.client
    // One address, not a list: the trusted proxies have been looked through, and lists are misread.
    if (address !== 'unix') headers.push('x-forwarded-for', address)
    headers.push('x-forwarded-proto', ctx.client.protocol, 'x-forwarded-host', publicUrl.host, 'x-request-id', ctx.id)
    return {
      method: ctx.method,
      target: basePath + suffixOf(ctx.target.raw),
      host,
      headers,
      hasBody: instead === undefined ? hasBody(ctx) : instead.body.length > 0,
      isUpgrade: ctx.isUpgrade,
    }
  }
}

/** RFC 9112 §6.3: a request has content exactly if its head says how much. */
const hasBody = ({ request: { headers } }: RequestContext): boolean => {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0)
}
