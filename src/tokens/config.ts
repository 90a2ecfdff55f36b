// The `tokens` part of the configuration.

import { z } from 'zod'
import { duration, filePath } from '#config'

export const tokensConfig = z
  .strictObject({
    lifetime: duration('90d', { min: '1d' }).describe('How long a token is good for where its owner does not say.'),
    maxLifetime: duration('366d', { min: '1d' }).describe('The longest that anybody may ask for.'),
    // No longer than a note of a warning is kept (`KEPT_MS`): else the same token would be warned of twice.
    warnBefore: duration('7d', { max: '30d' }).describe(
      'How long before the end of a token its owner is told: in the portal and, where `mail` is configured, once by mail, in the language that they have chosen. Not of tokens that are good for no longer than this. Administrators are written to about keys of service accounts that end within this time and are used although a newer one was made, unless they rotate by themselves. `0s`: nobody is told.',
    ),
    keyFolder: filePath()
      .optional()
      .describe(
        'The folder for keys of service accounts that rotate by themselves: NAME.key in it, readable by the user of Gatehouse alone. On several nodes all of them need the same folder.',
      )
      .meta({ examples: ['/var/lib/gatehouse/service-keys'] }),
  })
  .refine(({ lifetime, maxLifetime }) => lifetime <= maxLifetime, {
    error: 'tokens would be good for longer than maxLifetime allows',
    path: ['lifetime'],
    params: { fix: 'make lifetime shorter, or maxLifetime longer' },
  })
  .prefault({})
  .meta({ title: 'Tokens', description: 'Tokens that people make for their programs, and keys of service accounts.' })
