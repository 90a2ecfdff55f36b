// The `sessions` part of the configuration.

import { z } from 'zod'
import { duration } from '#config'

const DAY_MS = 86_400_000

/** No session lasts longer, whatever is or was configured. */
export const LONGEST_SESSION_MS = 90 * DAY_MS
const LONGEST = `${LONGEST_SESSION_MS / DAY_MS}d`

export const sessionsConfig = z
  .strictObject({
    idle: duration('1h', { min: '1s', max: LONGEST })
      .meta({ title: 'Idle end', examples: ['30m', '1h', '8h'] })
      .describe(
        'A session ends after this long without a request. Use is noted at most once a minute, so it may be up to a minute (or a quarter, if that is shorter) earlier.',
      ),
    absolute: duration('12h', { min: '1s', max: LONGEST })
      .meta({ title: 'Absolute end', examples: ['12h', '7d'] })
      .describe('A session ends this long after the login, whatever happens.'),
    cookieSuffix: z
      .string()
      .regex(/^(?!-(?:login|host|arrival|known|last|logout))[A-Za-z0-9_-]{0,32}$/, {
        error:
          'a suffix has up to 32 letters, digits, "-" and "_", and does not start with "-login", "-host", "-arrival", "-known", "-last" or "-logout"',
      })
      .default('')
      .meta({ title: 'Cookie suffix', examples: ['-staging'] })
      .describe('Added to the names of the cookies, so that two instances on one host name do not take each other’s.'),
  })
  .meta({ title: 'Sessions' })
  .describe('How long people stay logged in.')

export type SessionsConfig = z.output<typeof sessionsConfig>
