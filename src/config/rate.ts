// Rates of the configuration: `100/1m` is a hundred in a minute, `false` is no limit. Features use `rate()` in their
// schemas and receive the number and the window in milliseconds.

import { z } from 'zod'
import { parseDuration } from './duration.ts'

/** So many in a window, at once or spread over it; what was taken comes back evenly. */
export interface Rate {
  readonly limit: number
  readonly windowMs: number
}

const pattern = /^([1-9]\d{0,8})\/([1-9]\d{0,8}(?:s|m|h|d))$/

/** A schema for text like `100/1m`; `false` gives undefined. */
export type RateSchema = z.ZodPipe<
  z.ZodUnion<readonly [z.ZodString, z.ZodLiteral<false>]>,
  z.ZodTransform<Rate | undefined>
>

/**
 * How much in how long; `false` switches the limit off.
 *
 * @param initial the default, as an operator would write it
 * @example
 * auth: rate('600/1m').describe('Requests to the login pages from one address.')
 */
export const rate = (initial: string | false): z.ZodPrefault<RateSchema> =>
  z
    .union([z.string().regex(pattern, { error: problem }), z.literal(false)], { error: problem })
    .transform((text) => (text === false ? undefined : parseRate(text)))
    .meta({ 'x-type': 'rate', examples: ['100/1m', false] })
    .prefault(initial)

const problem = 'a rate is a number, a slash and a duration, such as 100/1m; or false for no limit'

/** Undefined if the text is not a rate. */
export function parseRate(text: string): Rate | undefined {
  const [, limit, window = ''] = pattern.exec(text) ?? []
  const windowMs = parseDuration(window)
  return limit === undefined || windowMs === undefined ? undefined : { limit: Number(limit), windowMs }
}
