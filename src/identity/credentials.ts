// Keeps a session's credentials fit for use: what is about to end is renewed, once for all requests and nodes. When the
// provider refuses for good, the session (or, for a connected account, the credential) ends, and nobody asks again.

import type { RequestContext } from '#http'
import { type Clock, GatewayError } from '#kernel'
import type { Credential, Sessions } from '#sessions'
import { credentialErrors } from './errors.ts'
import type { Identities } from './identity.ts'
import type { LoginJournal } from './login-journal.ts'
import type { IdentityProvider } from './provider.ts'

export interface CredentialsDeps {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly journal: LoginJournal
  readonly providers: ReadonlyMap<string, IdentityProvider>
}

/** Renewed this long before it ends, so that no request leaves with a token that ends on the way. */
const AHEAD_MS = 60_000
/** After a provider did not answer, its sessions leave it in peace for this long. */
const PAUSE_MS = 5000

type Renewable = Extract<Credential, { kind: 'oauth' }>

export function createCredentials({ clock, sessions, journal, providers }: CredentialsDeps): Identities['credential'] {
  const pausedUntilMs = new Map<string, number>()

  const msLeft = (credential: Credential): number =>
    credential.kind === 'oauth' && credential.expiresAt !== undefined
      ? credential.expiresAt - clock.now()
      : Number.POSITIVE_INFINITY
  const endsSoon = (credential: Credential, provider: IdentityProvider | undefined): boolean =>
    msLeft(credential) <= (provider?.renewAheadMs?.() ?? AHEAD_MS)
  const labelOf = (name: string): string => providers.get(name)?.label ?? name

  /** The provider vouches for the person no more. Runs under the renewal's lock, so that whoever waits finds it done. */
  const drop = async (ctx: RequestContext, name: string): Promise<void> => {
    if (sessions.current.get(ctx)?.row.provider === name) return sessions.end(ctx, 'provider-logout')
    await sessions.setCredential(ctx, name, undefined)
    await journal.disconnected(ctx, name, 'refused')
  }

  const renewOnce = async (ctx: RequestContext, provider: IdentityProvider, old: Credential): Promise<Credential> => {
    try {
      const { credential, lostGroups } = (await provider.refresh?.(old)) ?? { credential: old, lostGroups: [] }
      if (lostGroups.length > 0 && sessions.current.get(ctx)?.row.provider === provider.id) {
        // What the person may do was decided with those groups: they log in again, with the ones that they have now.
        ctx.log.info(
          { event: 'groups_lost', provider: provider.id, groups: lostGroups },
          'a session ends with its groups',
        )
        await drop(ctx, provider.id)
        throw credentialErrors.expired({ label: provider.label })
      }
      return credential
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'login.refreshRefused') {
        ctx.log.info(
          { event: 'refresh_refused', provider: provider.id, ...error.internal },
          'a provider refused to renew',
        )
        await drop(ctx, provider.id)
      }
      throw error
    }
  }

  const renew = async (
    ctx: RequestContext,
    name: string,
    provider: IdentityProvider,
    present: Renewable,
  ): Promise<Credential> => {
    try {
      if ((pausedUntilMs.get(name) ?? 0) > clock.monotonicMs())
        throw credentialErrors.unavailable({ label: provider.label })
      // Another node may have renewed it while this one waited: then it is taken, however short its life.
      const isStale = (current: Credential): boolean =>
        endsSoon(current, provider) && (isSame(current, present) || msLeft(current) <= 0)
      const { credentials } = await sessions.renewCredential(ctx, name, isStale, (old) => renewOnce(ctx, provider, old))
      const renewed = credentials[name]
      if (renewed === undefined) throw credentialErrors.missing({ label: provider.label })
      return renewed
    } catch (error) {
      if (!isOutage(error)) throw error
      if (error.code !== 'credential.unavailable') pausedUntilMs.set(name, clock.monotonicMs() + PAUSE_MS)
      // What is held is still good for a moment: the provider may be back before it ends.
      if (msLeft(present) > 0) return present
      throw credentialErrors.unavailable({ label: provider.label }, { internal: error.internal })
    }
  }

  return (ctx, name) => {
    const credential = sessions.current.get(ctx)?.credentials[name]
    if (credential === undefined) throw credentialErrors.missing({ label: labelOf(name) })
    const provider = providers.get(name)
    if (!endsSoon(credential, provider)) return credential
    const canRenew =
      credential.kind === 'oauth' && credential.refreshToken !== undefined && provider?.refresh !== undefined
    if (canRenew) return renew(ctx, name, provider, credential)
    if (msLeft(credential) > 0) return credential
    throw credentialErrors.expired({ label: labelOf(name) })
  }
}

const isSame = (a: Credential, b: Renewable): boolean =>
  a.kind === 'oauth' && a.accessToken.reveal() === b.accessToken.reveal()

const isOutage = (error: unknown): error is GatewayError =>
  error instanceof GatewayError &&
  (error.code === 'login.providerUnavailable' || error.code === 'credential.unavailable')
