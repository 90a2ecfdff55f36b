// The Range header, one range of bytes (RFC 9110 §14).

/** Both ends included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Several ranges, other units and what does not parse are ignored, as §14.2 allows: the whole file is sent.
 *
 * @returns undefined for the whole file; `unsatisfiable` if the range lies beyond its end.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  // The unit is case-insensitive (§14.1); digits are bounded so that no number loses precision.
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') return suffixRange(Number(last), sizeBytes)
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= sizeBytes) return 'unsatisfiable'
  return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) }
}

/** §14.1.2: the last bytes, or the whole file if it is shorter; none of them cannot be had. */
const suffixRange = (lengthBytes: number, sizeBytes: number): ByteRange | 'unsatisfiable' =>
  lengthBytes === 0 || sizeBytes === 0
    ? 'unsatisfiable'
    : { start: Math.max(0, sizeBytes - lengthBytes), end: sizeBytes - 1 }
