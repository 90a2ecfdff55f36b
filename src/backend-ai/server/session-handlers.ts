// `login-check`, `logout` and `extend-login-session` (§1.4 to 1.6): what somebody can ask about the session that they have.

import { type Answer, json } from '#http'
import type { ActiveSession, Credential, Sessions } from '#sessions'
import type { BackendAiConfig } from '../config.ts'
import type { SharedLogins } from '../records/shared-logins.ts'
import type { SessionCookie } from '../session-cookie.ts'
import { readSessionName } from '../session-name.ts'
import type { SessionOf } from '../session-of.ts'
import { toLoginData } from './login-answers.ts'
import type { Handler } from './login-handlers.ts'

export interface SessionHandlersDeps {
  readonly config: Pick<BackendAiConfig, 'login'>
  readonly sessionOf: SessionOf
  readonly sessions: Pick<Sessions, 'end' | 'extend' | 'openRequests' | 'remaining'>
  readonly cookie: SessionCookie
  /** Absent: sessions are the gateway's own. */
  readonly shared: Pick<SharedLogins, 'setEnd' | 'over'> | undefined
}

export function createSessionHandlers({ config, sessionOf, sessions, cookie, shared }: SessionHandlersDeps) {
  const keypairOf = (session: ActiveSession | undefined): Keypair | undefined => {
    const credential = session?.credentials[config.login.provider]
    return credential?.kind === 'keypair' ? credential : undefined
  }

  return Object.freeze({
    async loginCheck(ctx, response) {
      const session = await sessionOf.find(ctx, response)
      const keypair = keypairOf(session)
      return json({
        authenticated: keypair !== undefined,
        data: keypair === undefined ? null : toLoginData({ status: UNTOLD, ...keypair }),
        // A session of the portal's has no name to tell.
        session_id: session === undefined ? null : (readSessionName(ctx) ?? null),
      })
    },

    async logout(ctx, response) {
      const session = await sessionOf.find(ctx, response)
      if (session !== undefined) {
        const name = readSessionName(ctx)
        // As soon as its record is gone the session ends with all that is open, but who asked for that is answered.
        sessions.openRequests.finish(ctx)
        if (name !== undefined) await shared?.over(name)
        await sessions.end(ctx, 'logout')
      }
      cookie.clear(ctx)
      return LOGGED_OUT
    },

    async extend(ctx, response) {
      await sessionOf.require(ctx, response)
      const { now, idleEndsAt } = sessions.remaining(await sessions.extend(ctx))
      const name = readSessionName(ctx)
      if (name !== undefined) {
        await shared?.setEnd(name, idleEndsAt)
        cookie.set(ctx, name, idleEndsAt - now)
      }
      return json({ status: 201, expires: toTimestamp(idleEndsAt) })
    },
  } satisfies Record<string, Handler>)
}

type Keypair = Extract<Credential, { readonly kind: 'keypair' }>

/** Of a session that began before it was kept; whoever could log in was that. */
const UNTOLD = 'active'

const LOGGED_OUT: Answer = { kind: 'bytes', status: 200, contentType: 'text/plain; charset=utf-8', body: '200: OK' }

/** ISO 8601 to the second, with an offset: `2026-11-28T07:46:07+00:00`. */
const toTimestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`
