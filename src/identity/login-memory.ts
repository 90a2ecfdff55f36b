// What this browser last did to log in, in a small cookie: which provider comes first on the login page, and where an
// attempt that is no longer kept was going. Proves nothing about the person; everything in it is checked like input.

import { hash } from 'node:crypto'
import { z } from 'zod'
import { type RequestContext, readCookies } from '#http'
import { HOME, toReturnTo } from './return-to.ts'

/** Like all cookies that begin so, it is never sent to what is behind the door. */
const MEMORY_COOKIE = '__Host-gatehouse-last'

export interface LoginMemory {
  readonly provider: string
  /** Which attempt was last begun with it, without being of use to anybody who reads the cookie. */
  readonly attempt?: string
  readonly returnTo: string
  /** The attempt was begun by us because an earlier one had gone stale: not again. */
  readonly isRetry?: boolean
}

const MAX_AGE_SECONDS = 180 * 86_400

const kept = z.strictObject({
  provider: z.string().max(32),
  attempt: z.string().max(43).optional(),
  returnTo: z.string().transform(toReturnTo),
  isRetry: z.boolean().optional(),
})

export function readMemory(ctx: RequestContext): LoginMemory | undefined {
  const [value] = readCookies(ctx.request.headers.cookie, MEMORY_COOKIE)
  if (value === undefined || value.length > 4096) return undefined
  try {
    const { provider, attempt, returnTo, isRetry } = kept.parse(JSON.parse(Buffer.from(value, 'base64url').toString()))
    return { provider, returnTo, ...(attempt !== undefined && { attempt }), ...(isRetry !== undefined && { isRetry }) }
  } catch {
    return undefined
  }
}

export function remember(ctx: RequestContext, memory: LoginMemory): void {
  const value = Buffer.from(JSON.stringify(memory)).toString('base64url')
  ctx.responseCookies.push({ name: MEMORY_COOKIE, value, maxAgeSeconds: MAX_AGE_SECONDS, sameSite: 'Lax' })
}

/** Names an attempt by its state. */
export const nameAttempt = (state: string): string => hash('sha256', `attempt ${state}`, 'base64url')

/** Where the attempt of this state was going, if it is the last that this browser began with this provider. */
export const remembersAttempt = (memory: LoginMemory | undefined, provider: string, state: string): boolean =>
  memory?.provider === provider && memory.attempt === nameAttempt(state)

/** After a login: the provider to show first next time. */
export const rememberProvider = (ctx: RequestContext, provider: string): void =>
  remember(ctx, { provider, returnTo: HOME })
