// Keeps a session's credentials fit for use: what is about to end is renewed, once for all requests and nodes, and with
// it the groups of the person. When the provider refuses for good, the session (or, for a connected account, the
// credential) ends, and nobody asks again.

import type { RequestContext } from '#http'
import { type Clock, GatewayError } from '#kernel'
import type { Credential, RenewedCredential, SessionRow, Sessions } from '#sessions'
import { credentialErrors } from './errors.ts'
import type { Identities } from './identity.ts'
import type { LoginJournal } from './login-journal.ts'
import type { Accounts } from './ports.ts'
import type { IdentityProvider } from './provider.ts'
import { createPauses, PAUSE_MS } from './provider-away.ts'

export interface CredentialsDeps {
  readonly clock: Clock
  readonly sessions: Sessions
  readonly journal: LoginJournal
  readonly accounts: Pick<Accounts, 'setGroups'>
  readonly providers: ReadonlyMap<string, IdentityProvider>
}

/** Renewed this long before it ends, so that no request leaves with a token that ends on the way. */
const AHEAD_MS = 60_000

type Renewable = Extract<Credential, { kind: 'oauth' }>

interface Login {
  readonly name: string
  readonly provider: IdentityProvider
  readonly credential: Renewable
}

export function createCredentials({
  clock,
  sessions,
  journal,
  accounts,
  providers,
}: CredentialsDeps): Pick<Identities, 'credential' | 'renewLogin' | 'keepLogin'> {
  const pauses = createPauses(clock)

  const msLeft = (credential: Credential): number =>
    credential.kind === 'oauth' && credential.expiresAt !== undefined
      ? credential.expiresAt - clock.now()
      : Number.POSITIVE_INFINITY
  const aheadMs = (provider: IdentityProvider | undefined): number => provider?.renewAheadMs?.() ?? AHEAD_MS
  const endsSoon = (credential: Credential, provider: IdentityProvider | undefined): boolean =>
    msLeft(credential) <= aheadMs(provider)
  const labelOf = (name: string): string => providers.get(name)?.label ?? name

  /** The provider vouches for the person no more. Runs under the renewal's lock, so that whoever waits finds it done. */
  const drop = async (ctx: RequestContext, name: string): Promise<void> => {
    if (sessions.current.get(ctx)?.row.provider === name) return sessions.end(ctx, 'provider-logout')
    await sessions.setCredential(ctx, name, undefined)
    await journal.disconnected(ctx, name, 'refused')
  }

  /** The provider's refusal ends what it refused, whenever it comes. */
  const orDrop = async <T>(ctx: RequestContext, name: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'login.refreshRefused') {
        ctx.log.info({ event: 'refresh_refused', provider: name, ...error.internal }, 'a provider refused to renew')
        await drop(ctx, name)
      }
      throw error
    }
  }

  const renewOnce = async (
    ctx: RequestContext,
    provider: IdentityProvider,
    old: Credential,
    heard: (groups: readonly string[]) => void,
  ): Promise<RenewedCredential> => {
    const { id } = provider
    const row = sessions.current.get(ctx)?.row
    const subject = row?.provider === id ? row.subject : row?.connected?.find((each) => each.provider === id)?.subject
    const { credential, groups, askGroups } = await orDrop(
      ctx,
      id,
      async () => (await provider.refresh?.(old, subject ?? '')) ?? { credential: old },
    )
    // A connected account brings a credential, not the person's groups.
    if (row?.provider !== id) return { credential }
    const changed = (after: readonly string[] | undefined): readonly string[] | undefined => {
      if (after === undefined) return undefined
      heard(after)
      return isSameSet(after, row.groups) ? undefined : after
    }
    const now = changed(groups)
    return {
      credential,
      ...(now && { groups: now }),
      ...(askGroups && { askGroups: () => orDrop(ctx, id, async () => changed(await askGroups())) }),
    }
  }

  /** The person's tokens, and whatever asks who they are without a session, go by what was heard last. */
  const takeUpGroups = async (
    ctx: RequestContext,
    { userId, provider, groups: before }: SessionRow,
    { groups: after, askedAt }: { readonly groups: readonly string[]; readonly askedAt: number },
  ): Promise<void> => {
    await accounts.setGroups(userId, { groups: after, askedAt })
    if (!isSameSet(after, before)) await journal.groupsChanged(ctx, provider, { before, after })
  }

  const renew = async (
    ctx: RequestContext,
    name: string,
    provider: IdentityProvider,
    present: Renewable,
  ): Promise<Credential> => {
    const unavailable = (internal: GatewayError['internal'] = {}): GatewayError =>
      credentialErrors.unavailable({ label: provider.label, waitMs: pauses.left(name) }, { internal })
    try {
      if (pauses.left(name) > 0) throw unavailable()
      // Another node may have renewed it while this one waited: then it is taken, however short its life.
      const isStale = (current: Credential): boolean =>
        endsSoon(current, provider) && (isSame(current, present) || msLeft(current) <= 0)
      const row = sessions.current.get(ctx)?.row
      let heard: { readonly groups: readonly string[]; readonly askedAt: number } | undefined
      const { credentials } = await sessions.renewCredential(ctx, name, isStale, (old) => {
        const askedAt = clock.now()
        return renewOnce(ctx, provider, old, (groups) => {
          heard = { groups, askedAt }
        })
      })
      // Once the credential is kept: a database that is away now must not cost the person the session.
      if (row !== undefined && heard !== undefined) await takeUpGroups(ctx, row, heard)
      const renewed = credentials[name]
      if (renewed === undefined) throw credentialErrors.missing({ label: provider.label })
      return renewed
    } catch (error) {
      if (!isOutage(error)) throw error
      if (error.code !== 'credential.unavailable') pauses.begin(name, error)
      // What is held is still good for a moment: the provider may be back before it ends.
      if (msLeft(present) > 0) return present
      throw unavailable(error.internal)
    }
  }

  const isRenewable = (credential: Credential, provider: IdentityProvider | undefined): credential is Renewable =>
    credential.kind === 'oauth' && credential.refreshToken !== undefined && provider?.refresh !== undefined

  /** The credential of the request's login, where the provider can be asked again with it. */
  const renewableLogin = (ctx: RequestContext): Login | undefined => {
    const session = sessions.current.get(ctx)
    const name = session?.row.provider ?? ''
    const credential = session?.credentials[name]
    const provider = providers.get(name)
    if (credential === undefined || provider === undefined || !isRenewable(credential, provider)) return undefined
    return { name, provider, credential }
  }

  const renewLogin = (ctx: RequestContext): Promise<void> | undefined => {
    const login = renewableLogin(ctx)
    if (login === undefined || !endsSoon(login.credential, login.provider)) return undefined
    return renew(ctx, login.name, login.provider, login.credential).then(
      () => undefined,
      (error: unknown) => {
        // What is known of the person stays until the provider can be asked again.
        if (!isOutage(error)) throw error
      },
    )
  }

  /** When the login must be renewed, but no sooner than a provider that was just asked may be asked again. */
  const msUntilDue = ({ name, credential, provider }: Login): number =>
    Math.max(msLeft(credential) - aheadMs(provider), pauses.left(name), PAUSE_MS)

  const keepLogin = (ctx: RequestContext): (() => void) => {
    let cancel = (): void => {}
    let isOver = false
    const plan = (): void => {
      const login = renewableLogin(ctx)
      if (login !== undefined && !isOver) cancel = clock.after(msUntilDue(login), renewThenPlan)
    }
    const renewThenPlan = (): void => {
      // Also after an error, such as a store that was away just then: else nobody would hear of a refusal any more. One that
      // was a refusal has ended the session, and with it what keeps the login.
      Promise.resolve(renewLogin(ctx)).then(plan, plan)
    }
    plan()
    return () => {
      isOver = true
      cancel()
    }
  }

  return Object.freeze({
    keepLogin,
    renewLogin,

    credential(ctx: RequestContext, name: string) {
      const credential = sessions.current.get(ctx)?.credentials[name]
      if (credential === undefined) throw credentialErrors.missing({ label: labelOf(name) })
      const provider = providers.get(name)
      if (!endsSoon(credential, provider)) return credential
      if (provider !== undefined && isRenewable(credential, provider)) return renew(ctx, name, provider, credential)
      if (msLeft(credential) > 0) return credential
      throw credentialErrors.expired({ label: labelOf(name) })
    },
  })
}

const isSame = (a: Credential, b: Renewable): boolean =>
  a.kind === 'oauth' && a.accessToken.reveal() === b.accessToken.reveal()

const isSameSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).symmetricDifference(new Set(b)).size === 0

const isOutage = (error: unknown): error is GatewayError =>
  error instanceof GatewayError &&
  (error.code === 'login.providerUnavailable' || error.code === 'credential.unavailable')
