// What an upstream that is not trusted may not have: the portal's origin, and anything that would let it act as the person
// elsewhere. Asked when the configuration is read.

import { credentialNeed, type SignerConfig } from './signers/drivers.ts'

export interface TrustedUpstream {
  readonly host?: string | undefined
  readonly trust: 'portal' | 'none'
  readonly sign: SignerConfig
  readonly forwardAuthorization: boolean
}

export interface TrustFault {
  readonly key: 'trust' | 'sign' | 'forwardAuthorization'
  readonly message: string
  readonly fix: string
}

export function findTrustFaults(upstream: TrustedUpstream): readonly TrustFault[] {
  if (upstream.trust !== 'none') return []
  const faults: TrustFault[] = []
  if (upstream.host === undefined) {
    faults.push({
      key: 'trust',
      message: 'under a path of the portal its pages share the portal’s origin, and can do there what the person can',
      fix: 'list a host for it under server.hosts, such as https://notebooks.example.org, and write its name here as host',
    })
  }
  if (credentialNeed(upstream.sign) !== undefined) {
    faults.push({
      key: 'sign',
      message: `${upstream.sign.type} would hand it a credential of the person, which it could use elsewhere`,
      fix: 'use identity-jwt, which is good for this upstream only, or trust it and remove trust: none',
    })
  }
  if (upstream.forwardAuthorization) {
    faults.push({
      key: 'forwardAuthorization',
      message: 'it would receive tokens that clients send, and could use them elsewhere',
      fix: 'remove forwardAuthorization, or trust it and remove trust: none',
    })
  }
  return faults
}
