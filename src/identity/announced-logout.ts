// Logouts that a provider announces without the browser (OpenID Connect Back-Channel Logout 1.0): each once, for all
// sessions that began there, and for accounts there that sessions of other logins are connected to.

import { hash } from 'node:crypto'
import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { Sessions } from '#sessions'
import type { KeyValueStore } from '#storage'
import { logoutErrors } from './errors.ts'
import type { LoginJournal } from './login-journal.ts'
import type { AnnouncedLogout, IdentityProvider } from './provider.ts'

export interface AnnouncedLogouts {
  /** Resolves when no node accepts what the token names. @throws logout.tokenRefused, logout.notSupported, login.providerUnavailable */
  receive(ctx: RequestContext, provider: IdentityProvider, logoutToken: string): Promise<void>
}

export interface AnnouncedLogoutsDeps {
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'set' | 'delete'>
  readonly sessions: Pick<Sessions, 'endAllAt' | 'disconnectAllAt'>
  readonly journal: LoginJournal
}

export function createAnnouncedLogouts({ clock, keyValue, sessions, journal }: AnnouncedLogoutsDeps): AnnouncedLogouts {
  /** Runs the work for an announcement that was not seen before; one that failed may be sent again. */
  const once = async (announced: AnnouncedLogout, work: () => Promise<void>): Promise<void> => {
    const key = `logout-token:${hash('sha256', JSON.stringify([announced.issuer, announced.id]), 'hex')}`
    const ttlMs = Math.max(announced.endsAt - clock.now(), 1000)
    if (!(await keyValue.set(key, 'seen', { ttlMs, onlyIf: 'absent' }))) throw replayed()
    try {
      await work()
    } catch (error) {
      await keyValue.delete(key).catch(() => false)
      throw error
    }
  }

  const read = (provider: IdentityProvider, logoutToken: string): Promise<AnnouncedLogout> => {
    if (provider.readLogout === undefined) throw logoutErrors.notSupported({})
    return provider.readLogout(logoutToken)
  }

  return Object.freeze({
    async receive(ctx: RequestContext, provider: IdentityProvider, logoutToken: string) {
      try {
        const announced = await read(provider, logoutToken)
        const { sid, subject, issuedAt: endedAt } = announced
        const named = { endedAt, ...(sid !== undefined && { sid }), ...(subject !== undefined && { subject }) }
        await once(announced, async () => {
          const ended = { sessions: 0, accounts: 0 }
          for (const issuer of [announced.issuer, ...announced.formerIssuers]) {
            ended.sessions += await sessions.endAllAt({ issuer, ...named }, 'provider-logout', ctx)
            ended.accounts += await sessions.disconnectAllAt({ issuer, ...named }, ctx)
          }
          await journal.announced(ctx, provider.id, ended)
        })
      } catch (error) {
        await journal.announcementRefused(ctx, provider.id, error)
        throw error
      }
    },
  })
}

const replayed = () => {
  const reason = 'it has been used already'
  return logoutErrors.tokenRefused({ reason }, { internal: { reason } })
}
