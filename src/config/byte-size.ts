// Sizes in the configuration: `16KiB`, `1MiB` (powers of 1024), `64MB` (powers of 1000). Features use `byteSize()` in
// their schemas and receive bytes.

import { z } from 'zod'

const unitsBytes = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
} as const
type Unit = keyof typeof unitsBytes

const pattern = /^(0|[1-9]\d{0,8})(B|[kKMGT]B|[KMGT]iB)$/

/** A schema for text like `16KiB` that gives bytes. */
export type ByteSizeSchema = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>

export interface ByteSizeLimits {
  /** The smallest size allowed, such as `1KiB`. */
  readonly min?: string
  /** The largest size allowed, such as `64MiB`. */
  readonly max?: string
}

/**
 * An amount of data in the configuration; the parsed value is in bytes.
 *
 * @param initial the default, as an operator would write it
 * @example
 * maxHead: byteSize('16KiB').describe('The longest request head that is read.')
 */
export function byteSize(initial?: undefined, limits?: ByteSizeLimits): ByteSizeSchema
export function byteSize(initial: string, limits?: ByteSizeLimits): z.ZodPrefault<ByteSizeSchema>
export function byteSize(
  initial?: string,
  limits: ByteSizeLimits = {},
): ByteSizeSchema | z.ZodPrefault<ByteSizeSchema> {
  const schema = z
    .string({ error: 'a size is text such as 16KiB' })
    .regex(pattern, { error: 'a size is a whole number and a unit: B, KiB, MiB, GiB, TiB, or kB, MB, GB, TB' })
    .transform((text, context) => {
      const bytes = parseByteSize(text) ?? 0
      const reason = outside(bytes, limits)
      if (reason !== undefined) context.addIssue({ code: 'custom', message: reason, input: text })
      return bytes
    })
    .meta({ 'x-type': 'size', examples: ['16KiB'] })
  return initial === undefined ? schema : schema.prefault(initial)
}

/** Bytes, or undefined if the text is not a size. */
export function parseByteSize(text: string): number | undefined {
  const match = pattern.exec(text)
  return match ? Number(match[1]) * unitsBytes[match[2] as Unit] : undefined
}

/** The shortest exact way to write a number of bytes; `parseByteSize` reads it back. */
export function formatByteSize(bytes: number): string {
  const unit = (['TiB', 'GiB', 'MiB', 'KiB', 'MB'] as const).find((each) => bytes > 0 && bytes % unitsBytes[each] === 0)
  return unit === undefined ? `${bytes}B` : `${bytes / unitsBytes[unit]}${unit}`
}

function outside(bytes: number, { min, max }: ByteSizeLimits): string | undefined {
  if (min !== undefined && bytes < (parseByteSize(min) ?? 0)) return `the smallest allowed is ${min}`
  if (max !== undefined && bytes > (parseByteSize(max) ?? Number.POSITIVE_INFINITY)) {
    return `the largest allowed is ${max}`
  }
  return undefined
}
