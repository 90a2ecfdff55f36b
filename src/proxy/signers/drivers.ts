// Every signer, listed by hand. A new one is a file beside this and a line in each of the lists here.

import { z } from 'zod'
import type { Credential } from '#sessions'
import type { SignedUpstream, Signer, SignerDeps } from '../signer.ts'
import { backendAiSigner } from './backend-ai.ts'
import { basicSigner } from './basic.ts'
import { bearerSigner } from './bearer.ts'
import { headerSigner } from './header.ts'
import { identityJwtSigner } from './identity-jwt.ts'
import { noneSigner } from './none.ts'

export const signerConfig = z
  .discriminatedUnion('type', [
    noneSigner.config,
    bearerSigner.config,
    backendAiSigner.config,
    identityJwtSigner.config,
    basicSigner.config,
    headerSigner.config,
  ])
  .meta({ title: 'Signer' })

export type SignerConfig = z.output<typeof signerConfig>

export interface CredentialNeed {
  /** The id of the provider that is to bring it. */
  readonly provider: string
  readonly kind: Credential['kind']
}

/** The credential that a signer uses; undefined if it uses none. */
export function credentialNeed(config: SignerConfig): CredentialNeed | undefined {
  switch (config.type) {
    case 'bearer':
      return { provider: config.credential, kind: 'oauth' }
    case 'backend-ai':
      return needOf(config.mode === 'anonymous' ? undefined : config.credential, 'keypair')
    case 'basic':
      return needOf(config.credential, config.username === undefined ? 'password' : 'oauth')
    case 'none':
    case 'identity-jwt':
    case 'header':
      return undefined
  }
}

const needOf = (provider: string | undefined, kind: Credential['kind']): CredentialNeed | undefined =>
  provider === undefined ? undefined : { provider, kind }

/** Makes the signer that the configuration asks for. */
export function createSigner(config: SignerConfig, deps: SignerDeps, upstream: SignedUpstream): Signer {
  switch (config.type) {
    case 'none':
      return noneSigner.create(config, deps, upstream)
    case 'bearer':
      return bearerSigner.create(config, deps, upstream)
    case 'backend-ai':
      return backendAiSigner.create(config, deps, upstream)
    case 'identity-jwt':
      return identityJwtSigner.create(config, deps, upstream)
    case 'basic':
      return basicSigner.create(config, deps, upstream)
    case 'header':
      return headerSigner.create(config, deps, upstream)
  }
}
