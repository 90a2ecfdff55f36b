// The JSON API of the portal: what its shell needs in one call, apps, connected accounts, preferences.

import { z } from 'zod'
import type { Access, Principal } from '#access'
import { defineRoute, json, LANGUAGES, type RequestContext, type Route } from '#http'
import type { Identities } from '#identity'
import type { Clock } from '#kernel'
import type { ActiveSession, Sessions } from '#sessions'
import { accountSchema, appSchema, preferencesSchema, shellSchema } from './answers.ts'
import type { ListApps } from './apps.ts'
import type { FindLook } from './chosen-look.ts'
import type { PortalConfig } from './config.ts'
import { portalErrors } from './errors.ts'
import type { Looks } from './look.ts'
import type { PreferenceStore } from './preferences.ts'

export interface PortalRoutesDeps {
  readonly clock: Clock
  readonly access: Pick<Access, 'principal' | 'contact'>
  readonly identity: Pick<Identities, 'providers'>
  readonly sessions: Pick<Sessions, 'current' | 'remaining'>
  readonly preferences: PreferenceStore
  readonly looks: Looks
  readonly findLook: FindLook
  readonly listApps: ListApps
  readonly config: PortalConfig
  /** By other parts, for everybody. */
  readonly broughtPages: readonly string[]
  readonly version: string
}

export function createPortalRoutes(deps: PortalRoutesDeps): readonly Route[] {
  const { access, identity, sessions, preferences, looks, findLook } = deps

  const person = (ctx: RequestContext): Principal => {
    const principal = access.principal(ctx)
    if (principal === undefined) throw portalErrors.sessionNeeded({})
    return principal
  }

  const session = (ctx: RequestContext): ActiveSession => {
    const current = sessions.current.get(ctx)
    if (current === undefined) throw portalErrors.sessionNeeded({})
    return current
  }

  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/portal',
      routeClass: 'api',
      access: 'self',
      sessionOnly: true,
      whilePending: true,
      summary:
        'What a page of the portal shows around its own content: who you are, where you may go, notices, your session’s ends.',
      output: { 200: shellSchema },
      handle: async (ctx) => {
        const principal = person(ctx)
        const { userId, provider, displayName, username, email, groups, isAdmin, isPending } = principal
        const { now, idleEndsAt, endsAt } = sessions.remaining(session(ctx))
        const look = await findLook(ctx, principal.userId)
        return json({
          person: {
            id: userId,
            displayName,
            username,
            ...(email !== undefined && { email }),
            provider: identity.providers.find(({ id }) => id === provider)?.label ?? provider,
            groups: [...groups],
            isAdmin,
            isPending,
          },
          pages: isPending ? [] : pagesOf(principal, deps),
          notices: noticesNow(deps.config, deps.clock.now()),
          session: { now: iso(now), idleEndsAt: iso(idleEndsAt), endsAt: iso(endsAt) },
          look,
          languages: [...LANGUAGES],
          ...(deps.config.support !== undefined && { support: deps.config.support }),
          ...(access.contact !== undefined && { contact: access.contact }),
          version: deps.version,
        })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/apps',
      routeClass: 'api',
      access: 'self',
      summary: 'The services behind this door: which of them you may open, why not, and what they need from you.',
      output: { 200: z.object({ apps: z.array(appSchema) }) },
      handle: (ctx) => json({ apps: deps.listApps(ctx) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/accounts',
      routeClass: 'api',
      access: 'self',
      sessionOnly: true,
      summary: 'The accounts that you can connect to your session, and which of them are connected.',
      output: { 200: z.object({ accounts: z.array(accountSchema) }) },
      handle: (ctx) => {
        const { row, credentials } = session(ctx)
        const accounts = identity.providers
          .filter(({ id, canConnect }) => canConnect || id === row.provider)
          .map(({ id, label }) => ({
            id,
            label,
            isLogin: id === row.provider,
            isConnected: Object.hasOwn(credentials, id),
          }))
        return json({ accounts })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/preferences',
      routeClass: 'api',
      access: 'self',
      summary: 'How you want the pages.',
      output: { 200: preferencesSchema },
      handle: async (ctx) => json((await preferences.find(person(ctx).userId)) ?? { theme: 'system' }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/api/v1/preferences',
      routeClass: 'api',
      access: 'self',
      summary: 'Sets how you want the pages, in every browser that you log in with.',
      body: preferencesSchema,
      output: { 200: preferencesSchema },
      handle: async (ctx, { body }) => {
        await preferences.put(person(ctx).userId, body, deps.clock.now())
        looks.write(ctx, body)
        return json(body)
      },
    }),
  ]
}

/** The pages of the portal that mean something to this person, by name. */
function pagesOf(
  { isAdmin }: Principal,
  { identity: { providers }, broughtPages }: Pick<PortalRoutesDeps, 'identity' | 'broughtPages'>,
): readonly string[] {
  return [
    'home',
    'apps',
    ...broughtPages,
    'profile',
    'appearance',
    ...(providers.some(({ canConnect }) => canConnect) ? ['accounts'] : []),
    'sessions',
    'tokens',
    ...(isAdmin ? ['admin'] : []),
    'help',
  ]
}

const noticesNow = ({ notices }: PortalConfig, now: number) =>
  notices
    .filter(({ from = -Infinity, until = Infinity }) => from <= now && now < until)
    .map(({ id, level, text }) => ({ id, level, text }))

const iso = (ms: number): string => new Date(ms).toISOString()
