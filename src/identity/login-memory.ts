// What this browser last did to log in, in a small cookie: which provider comes first on the login page, and where an
// attempt that is no longer kept was going. Proves nothing about the person; everything in it is checked like input.

import { hash } from 'node:crypto'
import { z } from 'zod'
import type { RequestContext } from '#http'
import type { OwnCookie } from '#sessions'
import { HOME, toReturnTo } from './return-to.ts'

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

export interface LoginMemories {
  read(ctx: RequestContext): LoginMemory | undefined
  write(ctx: RequestContext, memory: LoginMemory): void
}

export const createLoginMemories = (cookie: OwnCookie): LoginMemories =>
  Object.freeze({
    read(ctx: RequestContext) {
      const value = cookie.read(ctx)
      if (typeof value !== 'string' || value.length > 4096) return undefined
      try {
        const text = Buffer.from(value, 'base64url').toString()
        const { provider, attempt, returnTo, isRetry } = kept.parse(JSON.parse(text))
        const own = { ...(attempt !== undefined && { attempt }), ...(isRetry !== undefined && { isRetry }) }
        return { provider, returnTo, ...own }
      } catch {
        return undefined
      }
    },
    write: (ctx: RequestContext, memory: LoginMemory) =>
      cookie.set(ctx, Buffer.from(JSON.stringify(memory)).toString('base64url'), MAX_AGE_SECONDS),
  })

/** Names an attempt by its state. */
export const nameAttempt = (state: string): string => hash('sha256', `attempt ${state}`, 'base64url')

/** Where the attempt of this state was going, if it is the last that this browser began with this provider. */
export const remembersAttempt = (memory: LoginMemory | undefined, provider: string, state: string): boolean =>
  memory?.provider === provider && memory.attempt === nameAttempt(state)

/** What stays after a login: the provider to show first next time. */
export const memoryOf = (provider: string): LoginMemory => ({ provider, returnTo: HOME })
