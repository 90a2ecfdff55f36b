// The keys that every identity provider's entry in the configuration has.

import { z } from 'zod'

export const providerId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, {
    error: 'an id is 1 to 32 lower-case letters, digits and hyphens, and starts with a letter',
  })
  .describe(
    'Names the provider in policies (`user:ID/SUBJECT`), in `sign.credential` and in `/auth/callback/ID`. ' +
      'Changing it makes new users of everybody.',
  )
  .meta({ examples: ['sso'] })

export const providerLabel = z
  .string()
  .min(1)
  .max(60)
  .optional()
  .describe('What the login page calls it; the id if absent.')
  .meta({ examples: ['Facility login'] })

export const groupsPrefix = z
  .string()
  .max(64)
  .default('')
  .describe('Put before each group of this provider, so that those of two providers stay apart.')
  .meta({ examples: ['gitlab:'] })

/** Of providers whose subjects name somebody only together with the issuer. */
export const formerIssuers = z
  .array(z.string().min(1).max(1024))
  .max(8)
  .default([])
  .describe(
    'What the provider was called before it moved: whoever logged in while it had one of these names is the same person. ' +
      'Only for the same server with the same people. Another server gets an entry with another `id`; as long as its ' +
      'issuer is not here, people whose names the former one has given before cannot log in.',
  )
  .meta({ examples: [['https://old-sso.example.org/realms/lab']] })
