// The signer kind: how an outgoing request proves whose it is. Drivers live in `signers/`; each passes
// `signer.contract.ts`. A signer sees the request exactly as it will go out; what it returns is added last.

import type { z } from 'zod'
import type { Access } from '#access'
import type { PublicUrl, RequestContext } from '#http'
import type { Identities } from '#identity'
import type { Clock } from '#kernel'
import type { HeaderList } from './header-list.ts'
import type { IdentityKeys } from './identity-keys.ts'

/** The outgoing request, as on the wire but for what the signer adds. */
export interface OutgoingRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** The Host header as sent. */
  readonly host: string
  /** Rebuilt headers; without those that the signer owns. */
  readonly headers: HeaderList
  readonly hasBody: boolean
  readonly isUpgrade: boolean
}

export interface Signer {
  /**
   * Headers that only this signer may set: whatever the client sent under these names, in any spelling, is dropped
   * first. It returns no others, save a Content-Type where the client sent none. Lower case.
   */
  readonly owns: readonly string[]
  /**
   * By how much the service's clock may differ from ours before it refuses what is signed. Absent where time is no part
   * of it.
   */
  readonly leewayMs?: number
  /**
   * Synchronous when nothing has to be refreshed.
   * @throws credential.missing, signer.unsuitable, and what the credential's provider throws.
   */
  sign(request: OutgoingRequest, ctx: RequestContext): HeaderList | Promise<HeaderList>
}

/** What signers are made from. */
export interface SignerDeps {
  readonly clock: Clock
  readonly identity: Pick<Identities, 'credential'>
  readonly access: Pick<Access, 'principal'>
  readonly identityKeys: IdentityKeys
  readonly publicUrl: Pick<PublicUrl, 'href'>
}

/** The upstream that a signer signs for. */
export interface SignedUpstream {
  readonly id: string
}

/** A driver: its part of the configuration, told apart by the literal `type`, and how a signer is made from it. */
export interface SignerDriver<Schema extends z.ZodType> {
  readonly type: string
  readonly config: Schema
  readonly create: (config: z.output<Schema>, deps: SignerDeps, upstream: SignedUpstream) => Signer
}
