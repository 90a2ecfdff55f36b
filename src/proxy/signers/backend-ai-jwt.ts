// The JWT of Backend.AI's GraphQL router: HS256 under the person's own secret key.

import { createHmac } from 'node:crypto'
import type { Credential } from '#sessions'

export type Keypair = Extract<Credential, { readonly kind: 'keypair' }>

/** Exactly the header and the claims of the contract, in that order. @param now ms since the epoch. */
export function createToken({ accessKey, secretKey, role }: Keypair, now: number, lifetimeMs: number): string {
  const issuedAt = Math.floor(now / 1000)
  const claims = {
    exp: issuedAt + Math.floor(lifetimeMs / 1000),
    iat: issuedAt,
    access_key: accessKey,
    role: ROLES.has(role) ? role : 'user',
  }
  const signed = `${JWT_HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${signed}.${createHmac('sha256', secretKey.reveal()).update(signed).digest('base64url')}`
}

const JWT_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')
const ROLES: ReadonlySet<string> = new Set(['user', 'admin', 'superadmin'])
