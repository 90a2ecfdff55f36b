// Logins that a feature carries over routes of its own, in the words of its own protocol: it asks whoever knows the person,
// and the rest is as at the portal. What fails is counted against the same budgets, under the same account.

import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { LoginGuard } from './login-guard.ts'
import { journalled, type LoginJournal } from './login-journal.ts'
import type { LogIn, SessionKind } from './proven-login.ts'
import type { Proof } from './provider.ts'

/** What a feature found out about somebody who wants to log in. */
export type Entry =
  | ({ readonly kind: 'proven'; readonly proof: Proof } & SessionKind)
  | {
      readonly kind: 'refused'
      /** For the log and the audit: a word of a small closed set. */
      readonly reason: string
    }
  /** Neither: a second factor is wanted, or nobody could say. Counts as no failure. */
  | { readonly kind: 'undecided' }

export interface Entrant {
  /** Under which the person is known, and the credential kept. It need not be configured under `identity`. */
  readonly provider: string
  /** As typed: failures count for the account and the address. */
  readonly username?: string
  /** Where a token stands for the person: failures count for the address, whose tokens cannot all be wrong. */
  readonly isByToken?: true
}

export type Enter = <Found extends Entry>(
  ctx: RequestContext,
  entrant: Entrant,
  check: () => Promise<Found>,
) => Promise<Found>

export interface EnterDeps {
  readonly clock: Clock
  readonly logIn: LogIn
  readonly journal: LoginJournal
  readonly guard: LoginGuard
}

export const createEnter =
  ({ clock, logIn, journal, guard }: EnterDeps): Enter =>
  <Found extends Entry>(ctx: RequestContext, entrant: Entrant, check: () => Promise<Found>) => {
    const { provider, username, isByToken = false } = entrant
    const typed = username === undefined ? {} : { username }

    const conclude = async (): Promise<Found> => {
      const found = await check()
      if (found.kind === 'refused') {
        await journal.failed(ctx, { provider, result: 'refused', reason: found.reason, ...typed })
      }
      if (found.kind === 'proven') {
        // Else somebody's failures would count for one account, and the session be another's.
        if (found.proof.identity.provider !== provider) throw new Error(`the proof is not of ${provider}`)
        // A name comes with a password, typed just now; a token, or somebody's word, may be as old as they like.
        const isTyped = username !== undefined && !isByToken
        const proof = isTyped ? { ...found.proof, authenticatedAt: clock.now() } : found.proof
        await logIn(ctx, proof, found)
      }
      return found
    }

    const concludeCounted = async () => {
      const attempt = async () => {
        const found = await conclude()
        return { kind: found.kind === 'proven' ? 'done' : found.kind, found }
      }
      return (await guard.attempt(ctx, { provider, ...typed }, attempt)).found
    }

    // Else nobody has tried anything: somebody else's word stands for the person.
    const work = username !== undefined || isByToken ? concludeCounted : conclude
    return journalled(journal, { ctx, provider, ...typed }, work)
  }
