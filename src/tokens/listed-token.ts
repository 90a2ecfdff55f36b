// What the API says of a token. The secret is said once, when it is made; its hash never.

import { z } from 'zod'
import type { Token } from './tokens.ts'

export const listedToken = z.object({
  id: z.string().describe('Names the token; no use as a credential.'),
  name: z.string(),
  scopes: z.array(z.string()).describe('What it may be used for.'),
  prefix: z.string().describe('How the secret begins, to tell tokens apart.'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional().describe('It ends here; absent for a key that no newer one has replaced.'),
  lastUsedAt: z.iso.datetime().optional().describe('To the minute; absent if it was never used.'),
  lastUsedFrom: z.string().optional().describe('The address of that use.'),
})

export type ListedToken = z.output<typeof listedToken>

export const toListedToken = (token: Token): ListedToken => ({
  id: token.id,
  name: token.name,
  scopes: [...token.scopes],
  prefix: token.prefix,
  createdAt: iso(token.createdAt),
  ...(token.expiresAt !== undefined && { expiresAt: iso(token.expiresAt) }),
  ...(token.lastUsedAt !== undefined && { lastUsedAt: iso(token.lastUsedAt) }),
  ...(token.lastUsedFrom !== undefined && { lastUsedFrom: token.lastUsedFrom }),
})

/** The secret itself: written once, in the answer to who made it. */
export const shownSecret = z.string().describe('The secret. It is shown this once and kept nowhere.')

export const iso = (ms: number): string => new Date(ms).toISOString()
