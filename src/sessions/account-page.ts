// The page /account: who I am, my sessions, what is held for me. Never a value of what is held.

import { z } from 'zod'
import { defineRoute, page, type Route, seeOther } from '#http'
import { type Device, deviceOf } from './device-name.ts'
import { requireSession, revokeOwn } from './routes.ts'
import type { ActiveSession, Credential, SessionRow } from './session.ts'
import type { Sessions } from './sessions.ts'

export const createAccountRoutes = (sessions: Sessions): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: accountPath,
    routeClass: 'page',
    access: 'self',
    handle: async (ctx) => {
      const session = requireSession(sessions, ctx)
      const rows = await sessions.list(session.row.userId)
      return page('account', 'Your account', { ...toAccountData(session, rows, sessions.remaining(session).now) })
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${accountPath}/extend`,
    routeClass: 'page',
    access: 'self',
    handle: async (ctx) => {
      await sessions.extend(ctx)
      return seeOther(accountPath)
    },
  }),
  defineRoute({
    method: 'POST',
    path: `${accountPath}/sessions/:ref/revoke`,
    routeClass: 'page',
    access: 'self',
    params: z.object({ ref: z.string() }),
    handle: async (ctx, { params }) => {
      await revokeOwn(sessions, ctx, params.ref)
      return seeOther(accountPath)
    },
  }),
]

const accountPath = '/account'

/** What the template shows; moments in ms since the epoch. */
export interface AccountData {
  readonly now: number
  readonly who: Pick<SessionRow, 'username' | 'displayName' | 'email' | 'provider' | 'subject' | 'groups'>
  readonly idleEnds: number
  readonly ends: number
  readonly sessions: readonly ShownSession[]
  readonly credentials: readonly ShownCredential[]
}

interface ShownSession {
  readonly ref: string
  readonly isCurrent: boolean
  readonly device: Device
  readonly address: string
  readonly created: number
  readonly lastSeen: number
  readonly ends: number
}

interface ShownCredential {
  readonly provider: string
  readonly kind: string
  readonly ends: number | undefined
  readonly isRenewable: boolean
}

function toAccountData({ row, credentials }: ActiveSession, rows: readonly SessionRow[], now: number): AccountData {
  return {
    now,
    who: row,
    idleEnds: row.idleEndsAt,
    ends: row.endsAt,
    sessions: rows.map((each) => ({
      ref: each.ref,
      isCurrent: each.ref === row.ref,
      device: deviceOf(each.userAgent),
      address: each.address,
      created: each.createdAt,
      // The use that shows this page is noted a moment later.
      lastSeen: each.ref === row.ref ? now : each.lastSeenAt,
      ends: Math.min(each.idleEndsAt, each.endsAt),
    })),
    credentials: Object.entries(credentials).map(([provider, credential]) => ({
      provider,
      kind: kindNames[credential.kind],
      ends: credential.kind === 'oauth' ? credential.expiresAt : undefined,
      isRenewable: credential.kind === 'oauth' && credential.refreshToken !== undefined,
    })),
  }
}

const kindNames: Readonly<Record<Credential['kind'], string>> = {
  keypair: 'Key pair',
  oauth: 'Access token',
  password: 'Name and password',
}
