// Leaving: our session ends first and for certain; then the providers hear of it, as far as they answer.

import type { RequestContext } from '#http'
import type { ActiveSession, Credentials, Sessions } from '#sessions'
import { loginErrors } from './errors.ts'
import type { LoginJournal } from './login-journal.ts'
import { requireSession } from './login-service.ts'
import type { LogoutWays } from './logout-memory.ts'
import type { PublicAddress } from './ports.ts'
import type { IdentityProvider } from './provider.ts'

export const LOGGED_OUT_PATH = '/auth/logged-out'

/** In the query of that page, where nobody could say which provider the login was of. */
export const providerUntold = 'provider=untold'

export interface LogoutDeps {
  readonly sessions: Sessions
  readonly journal: LoginJournal
  readonly providers: ReadonlyMap<string, IdentityProvider>
  readonly publicUrl: PublicAddress
  readonly ways: Pick<LogoutWays, 'begin'>
}

export interface Logout {
  /** @returns where to send the browser: to the provider of the login, so that it forgets the person too, or to a page of ours. */
  logout(ctx: RequestContext): Promise<string>
  /** Drops a connected account from the session. @throws login.cannotConnect for the account of the login itself */
  disconnect(ctx: RequestContext, provider: string): Promise<void>
}

export function createLogout({ sessions, journal, providers, publicUrl, ways }: LogoutDeps): Logout {
  const revoke = async (ctx: RequestContext, credentials: Credentials): Promise<void> => {
    const revoking = Object.entries(credentials).map(async ([name, credential]) => {
      try {
        await providers.get(name)?.revoke?.(credential)
      } catch (error) {
        journal.notRevoked(ctx, name, error)
      }
    })
    await Promise.all(revoking)
  }

  /** Where the provider of the login lets the browser log out; undefined if it does not, or does not answer. */
  const providersPage = async (
    ctx: RequestContext,
    { row, credentials }: ActiveSession,
  ): Promise<string | undefined> => {
    const { logoutUrl } = providers.get(row.provider) ?? {}
    if (logoutUrl === undefined) return undefined
    const way = { returnTo: publicUrl.urlTo(LOGGED_OUT_PATH), state: ways.begin(ctx) }
    return logoutUrl(credentials[row.provider], way).catch(() => undefined)
  }

  return Object.freeze({
    async logout(ctx: RequestContext) {
      const session = sessions.current.get(ctx)
      // Also without a session: what cookie there is goes.
      const isUnread = session === undefined && sessions.isUnread(ctx)
      await sessions.end(ctx, 'logout')
      if (session === undefined) return isUnread ? `${LOGGED_OUT_PATH}?${providerUntold}` : LOGGED_OUT_PATH
      const { row, credentials } = session
      await journal.logout(ctx, row)
      const [url] = await Promise.all([providersPage(ctx, session), revoke(ctx, credentials)])
      return url ?? LOGGED_OUT_PATH
    },

    async disconnect(ctx: RequestContext, provider: string) {
      const { row, credentials } = requireSession(sessions, ctx)
      if (provider === row.provider)
        throw loginErrors.cannotConnect({ reason: 'It is the one that you are logged in with.' })
      const credential = credentials[provider]
      if (credential === undefined) return
      await sessions.setCredential(ctx, provider, undefined)
      await journal.disconnected(ctx, provider, 'asked')
      await revoke(ctx, { [provider]: credential })
    },
  })
}
