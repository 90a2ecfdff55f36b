// What an account token says: the claims of the SPT-3G data service, and two of our own.

import { z } from 'zod'

/** Times in seconds since the epoch (RFC 7519 §2). */
export const claimsSchema = z
  .strictObject({
    iss: z.string(),
    aud: z.string(),
    /** The person's id here. */
    sub: z.string().min(1),
    /** The same, where older programs look for it. */
    user_id: z.string().min(1),
    name: z.string(),
    email: z.string().optional(),
    /** Those of when it was made, for programs to read: what counts here is what is known at each use. */
    groups: z.array(z.string()),
    iat: z.int(),
    nbf: z.int(),
    exp: z.int(),
    jti: z.string().min(1),
    /** When the person logged in, for the first token of the chain. */
    auth_time: z.int(),
    /** The `jti` of the first token of the chain: revoking that revokes all of them. */
    origin_jti: z.string().min(1),
    /** When all of the person's tokens were revoked last, as far as its issuer knew, ms since the epoch; 0 for never. */
    knows_revoked: z.int().min(0),
  })
  .refine(({ sub, user_id }) => sub === user_id)
  .refine(({ auth_time, iat, nbf, exp }) => 0 <= auth_time && auth_time <= iat && iat === nbf && iat < exp)

export type Claims = Readonly<z.output<typeof claimsSchema>>
