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
