// What the account API answers, word for word as its contract says: JSON with `status` and `message`, and challenges that
// name its realm. Errors from elsewhere on these routes are put into the same form.

import { z } from 'zod'
import type { Answer, RequestContext } from '#http'
import { json } from '#http'
import type { GatewayError } from '#kernel'
import { challenge } from './errors.ts'
import type { IssuedToken } from './service.ts'
import { UNKNOWN } from './token-format.ts'

export const tokenBody = z.object({
  status: z.literal('ok'),
  message: z.string(),
  token: z.string().describe('Send it as `Authorization: Bearer TOKEN`. It is shown once.'),
  token_type: z.literal('Bearer'),
  expires_in: z.number().describe('In seconds.'),
  expires_at: z.iso.datetime(),
})

export const doneBody = z.object({ status: z.literal('ok'), message: z.string() })

export const tokenAnswer = ({ token, claims: { exp, iat } }: IssuedToken): Answer =>
  json({
    status: 'ok',
    message: '',
    token,
    token_type: 'Bearer',
    expires_in: exp - iat,
    expires_at: toTimestamp(exp),
  } satisfies z.input<typeof tokenBody>)

export const doneAnswer = (message: string): Answer =>
  json({ status: 'ok', message } satisfies z.input<typeof doneBody>)

/** To the second: `2026-11-22T08:00:00Z`. */
export const toTimestamp = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** An error of whoever threw it, in the words and headers of this API; for programs. */
export const createErrorAnswer =
  (realm: string) =>
  (ctx: RequestContext, error: GatewayError): Answer => {
    const { status, code, detail, hint } = error
    const body = { status: 'error', message: `${detail} ${hint}`, code, errorId: ctx.id }
    return { kind: 'json', status, body, headers: challengeFor(realm, ctx, error) }
  }

function challengeFor(realm: string, { request }: RequestContext, { status, code, detail }: GatewayError) {
  if (status === 403) return challenge(realm, 'insufficient_scope', detail)
  if (status !== 401 || code.startsWith('accountToken.')) return {}
  // What was sent, and is nobody's.
  return request.headers.authorization === undefined ? challenge(realm) : challenge(realm, 'invalid_token', UNKNOWN)
}
