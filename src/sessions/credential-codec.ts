// Credentials as the text that is sealed, and back. The one place in this folder that reveals secrets; what it returns
// goes into the sealer and nowhere else.

import { z } from 'zod'
import { Secret } from '#kernel'
import type { Credential, Credentials } from './session.ts'

/** Plain text: for sealing and for comparing, never for keeping. */
export const credentialsToText = (credentials: Credentials | Credential): string =>
  JSON.stringify(credentials, function reveal(this: Readonly<Record<string, unknown>>, key, value: unknown) {
    // JSON.stringify has already asked Secret for its printable form; the holder still has the value itself.
    const original = this[key]
    return original instanceof Secret ? original.reveal() : value
  })

/** undefined for what this version cannot read. */
export function credentialsFromText(text: string): Credentials | undefined {
  try {
    const parsed = credentials.safeParse(JSON.parse(text))
    return parsed.success ? Object.freeze(parsed.data) : undefined
  } catch {
    return undefined
  }
}

const secret = z.string().transform((value) => new Secret(value))

const credential = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('keypair'),
    accessKey: z.string(),
    secretKey: secret,
    role: z.string(),
    status: z.string().exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('oauth'),
    accessToken: secret,
    refreshToken: secret.exactOptional(),
    idToken: secret.exactOptional(),
    expiresAt: z.number().exactOptional(),
    scope: z.string().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('password'), username: z.string(), password: secret }),
])

const credentials = z.record(
  z.string(),
  credential.transform((value) => Object.freeze(value)),
)
