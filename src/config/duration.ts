// Durations of the configuration: `500ms`, `30s`, `10m`, `1h`, `90d`; one number, one unit. Features use `duration()` in
// their schemas and receive milliseconds. Whoever prints a time span to a person uses `formatDuration`.

import { z } from 'zod'

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof unitsMs

const pattern = /^(0|[1-9]\d{0,8})(ms|s|m|h|d)$/

/** A schema for text like `30s` that gives milliseconds. */
export type DurationSchema = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>

export interface DurationLimits {
  /** The shortest span allowed, such as `1s`. */
  readonly min?: string
  /** The longest span allowed, such as `30d`. */
  readonly max?: string
}

/**
 * A span of time in the configuration; the parsed value is in milliseconds.
 *
 * @param initial the default, as an operator would write it
 * @example
 * idle: duration('1h', { min: '1m' }).describe('A session ends after this long without a request.')
 */
export function duration(initial?: undefined, limits?: DurationLimits): DurationSchema
export function duration(initial: string, limits?: DurationLimits): z.ZodPrefault<DurationSchema>
export function duration(
  initial?: string,
  limits: DurationLimits = {},
): DurationSchema | z.ZodPrefault<DurationSchema> {
  const schema = z
    .string({ error: 'a duration is text such as 30s' })
    .regex(pattern, { error: 'a duration is a whole number and one of the units ms, s, m, h, d' })
    .transform((text, context) => {
      const valueMs = parseDuration(text) ?? 0
      const reason = outside(valueMs, limits)
      if (reason !== undefined) context.addIssue({ code: 'custom', message: reason, input: text })
      return valueMs
    })
    .meta({ 'x-type': 'duration', examples: ['30s'] })
  return initial === undefined ? schema : schema.prefault(initial)
}

/** Milliseconds, or undefined if the text is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text)
  return match ? Number(match[1]) * unitsMs[match[2] as Unit] : undefined
}

/** The shortest way to write a span of whole milliseconds; `parseDuration` reads it back. */
export function formatDuration(valueMs: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((each) => valueMs > 0 && valueMs % unitsMs[each] === 0) ?? 'ms'
  return valueMs === 0 ? '0s' : `${valueMs / unitsMs[unit]}${unit}`
}

function outside(valueMs: number, { min, max }: DurationLimits): string | undefined {
  if (min !== undefined && valueMs < (parseDuration(min) ?? 0)) return `the shortest allowed is ${min}`
  if (max !== undefined && valueMs > (parseDuration(max) ?? Number.POSITIVE_INFINITY)) {
    return `the longest allowed is ${max}`
  }
  return undefined
}
