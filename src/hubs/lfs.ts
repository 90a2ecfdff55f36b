// Git LFS of a hub's repositories. GitLab wants Basic there, with the access token as the password of `oauth2`, and answers a
// batch request with links to itself and a credential for them: neither the token nor that reaches the browser.

import type { ServerResponse } from 'node:http'
import { type Answer, httpErrors, type PublicUrl, type RequestContext, readBody } from '#http'
import { credentialErrors, type Identities } from '#identity'
import type { Clock } from '#kernel'
import type { Service, ServiceAnswer } from '#proxy'
import { hubErrors } from './errors.ts'
import type { Hub } from './hub.ts'
import { toPublicBatch } from './lfs-batch.ts'

/** What GitLab takes an access token for, as a password. */
export const LFS_USERNAME = 'oauth2'

const LFS_TYPE = 'application/vnd.git-lfs+json'
/** Some 10,000 objects. */
const MAX_REQUEST_BYTES = 1_048_576
const MAX_ANSWER_BYTES = 8_388_608
const BODY_TIME_MS = 20_000

export interface LfsDeps {
  readonly clock: Clock
  readonly identity: Pick<Identities, 'credential'>
  readonly publicUrl: Pick<PublicUrl, 'urlTo'>
}

/** @throws credential.missing, hubs.unreadableBatch, hubs.badLfsAnswer, and what a service that cannot be asked throws */
export type LfsBatch = (ctx: RequestContext, response: ServerResponse) => Promise<Answer>

export function createLfsBatch(hub: Hub, service: Service, { clock, identity, publicUrl }: LfsDeps): LfsBatch {
  const authorization = async (ctx: RequestContext): Promise<string> => {
    const credential = await identity.credential(ctx, hub.provider)
    if (credential.kind !== 'oauth') throw credentialErrors.missing({ label: hub.label })
    const account = `${LFS_USERNAME}:${credential.accessToken.reveal()}`
    return `Basic ${Buffer.from(account).toString('base64')}`
  }

  return async (ctx, response) => {
    if (ctx.method !== 'POST') throw httpErrors.methodNotAllowed({ method: ctx.method, allow: 'POST' })
    if (ctx.request.headers['content-encoding'] !== undefined) {
      throw hubErrors.unreadableBatch({ reason: 'its body is compressed' })
    }
    const body = await readBody(ctx, response, clock, { maxBytes: MAX_REQUEST_BYTES, timeMs: BODY_TIME_MS })
    const answer = await service.ask({
      method: 'POST',
      path: ctx.target.raw.slice(hub.prefix.length - 1),
      headers: { accept: LFS_TYPE, 'content-type': LFS_TYPE, authorization: await authorization(ctx) },
      body,
      maxBytes: MAX_ANSWER_BYTES,
    })
    if (answer.status >= 400) return refusal(answer)
    const place = { hubUrl: hub.url, publicUrl: publicUrl.urlTo(hub.prefix.slice(0, -1)) }
    const shown = answer.status === 200 ? toPublicBatch(answer.body, place) : undefined
    if (shown === undefined) throw hubErrors.badLfsAnswer({ label: hub.label, status: answer.status })
    return { kind: 'bytes', status: 200, contentType: LFS_TYPE, body: shown }
  }
}

/** In GitLab's words. Not its challenge: a browser would ask the person for a password. */
function refusal({ status, headers, body }: ServiceAnswer): Answer {
  const { 'retry-after': wait, 'content-type': type } = headers
  return {
    kind: 'bytes',
    status,
    contentType: typeof type === 'string' && type.includes('json') ? type : 'text/plain; charset=utf-8',
    body,
    ...(typeof wait === 'string' && { headers: { 'retry-after': wait } }),
  }
}
