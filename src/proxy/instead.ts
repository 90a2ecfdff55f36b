// A body that is sent in place of the client's: what a feature read, changed, and sends on.

import type { HeaderList } from './header-list.ts'

export interface InsteadBody {
  /** The client's own must have been read by then. */
  readonly body: Buffer
  /** What it is now; the client's Content-Type unless given. */
  readonly contentType?: string
}

/** The client's headers as far as they are true of this body. */
export function describeInstead(headers: HeaderList, { contentType }: InsteadBody): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string
    const isStale = ABOUT_THE_BYTES.has(name) || (name === 'content-type' && contentType !== undefined)
    if (!isStale) kept.push(name, headers[index + 1] as string)
  }
  if (contentType !== undefined) kept.push('content-type', contentType)
  return kept
}

/** Said of the very bytes that came (RFC 9110 §8.4, RFC 9530). */
const ABOUT_THE_BYTES: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-digest',
  'content-md5',
  'digest',
  'repr-digest',
])
