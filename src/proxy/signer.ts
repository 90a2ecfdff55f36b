// The signer kind: how an outgoing request proves whose it is. Drivers live in `signers/`.
// A signer sees the request exactly as it will go out; what it returns is added last and replaces what was there.

import type { RequestContext } from '#http'

/** The outgoing request, as on the wire. */
export interface OutgoingRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** The Host header as sent. */
  readonly host: string
  /** Rebuilt headers, names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly hasBody: boolean
  readonly isUpgrade: boolean
}

export type SignedHeaders = readonly (readonly [name: string, value: string])[]

export interface Signer {
  /** Headers that this signer owns: whatever the client sent under these names is dropped first. Lower case. */
  readonly owns: readonly string[]
  /** @throws credential.missing and what the credential's provider throws. */
  sign(request: OutgoingRequest, ctx: RequestContext): SignedHeaders | Promise<SignedHeaders>
}
