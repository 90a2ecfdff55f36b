// The keys that every provider which is spoken to by OAuth has in the configuration.

import { z } from 'zod'
import { secretRef } from '#config'

export const clientId = z
  .string()
  .min(1)
  .describe('The name under which the provider knows this gateway.')
  .meta({ examples: ['gatehouse'] })

export const clientSecret = secretRef()
  .optional()
  .describe('What the provider gave for that name; absent for a public client.')

/** RFC 6749 §3.3. */
export const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'a scope has no spaces, quotes or backslashes' })

export const dangerouslyAllowHttp = z
  .boolean()
  .default(false)
  .describe('Speak http to a provider that is not on this machine: passwords and tokens can then be read on the way.')
