// The `account` part of the configuration: the pages and the token API that scripts of the SPT-3G data service use.

import { z } from 'zod'
import { allowSchema } from '#access'
import { duration, secretRef } from '#config'
import { whyWeakSigningKey } from './signing-keys.ts'

/** Of the configuration, so that what is revoked is remembered longer than any token ever lasts. */
export const LONGEST_LIFETIME = '90d'

const KEY_FIX = 'make one with: openssl rand -base64 32'

const keySchema = secretRef().superRefine((secret, check) => {
  const why = whyWeakSigningKey(secret.reveal())
  if (why !== undefined)
    check.addIssue({ code: 'custom', message: `this key cannot be used: ${why}`, params: { fix: KEY_FIX } })
})

/** One word of visible ASCII without what would end a quoted string (RFC 9110 §5.6.4). */
const word = (what: string) =>
  z.string().regex(/^[A-Za-z0-9._:/-]{1,100}$/, { error: `${what} is made of letters, digits and . _ : / -` })

export const accountConfig = z
  .strictObject({
    keys: z
      .array(keySchema)
      .min(1, { error: 'tokens cannot be signed without a key' })
      .max(5)
      .superRefine((keys, check) => {
        for (const [index, key] of keys.entries()) {
          if (keys.slice(0, index).some((other) => other.reveal() === key.reveal()))
            check.addIssue({ code: 'custom', path: [index], message: 'this key is in the list twice' })
        }
      })
      .describe(
        'The keys of the tokens (HS256): 32 to 64 random bytes each, in base64. The first signs, all of them are believed. To rotate, put a new one first, and take the old one away when its tokens have ended.',
      )
      .meta({ examples: [[{ file: '/run/secrets/account-key' }]] }),
    lifetime: duration('24h', { min: '2s', max: LONGEST_LIFETIME }).describe('How long a token is good for.'),
    maxSession: duration('30d', { min: '1m', max: '365d' }).describe(
      'So long after the login the last token ends, however often it was refreshed in between.',
    ),
    audience: word('an audience').default('spt3g-api').describe('Whom the tokens are for (`aud`).'),
    realm: word('a realm').default('spt3g').describe('The realm in `WWW-Authenticate`.'),
    allow: allowSchema
      .default(['authenticated'])
      .refine((entries) => !entries.includes('public'), {
        error: 'a token is always somebody’s: public says nothing here',
      })
      .describe('Who may have tokens. Asked again each time that one is used or refreshed.')
      .meta({ examples: [['group:spt3g-users']] }),
  })
  .optional()
  .meta({
    title: 'Account',
    description:
      'Tokens for scripts as the SPT-3G data service has them: /account/token/create, /api/v1/account/… Not there unless given.',
  })

export type AccountConfig = NonNullable<z.output<typeof accountConfig>>
