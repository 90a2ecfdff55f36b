// The longest body that an upstream takes. A declared length is judged before anything is sent, and the parser holds the
// client to it; of a body in chunks the bytes are counted on their way.

import type { IncomingMessage } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { upstreamErrors } from './errors.ts'

export interface BodyLimit {
  /** The upstream's id. */
  readonly upstream: string
  readonly bytes: number
}

/** @throws upstream.bodyTooLong */
export function checkLength({ length }: Buffer, bodyLimit: BodyLimit | undefined): void {
  if (bodyLimit !== undefined && length > bodyLimit.bytes) throw tooLong(bodyLimit)
}

/** The body, which fails where it becomes too long. @throws upstream.bodyTooLong if it says so itself */
export function limitBody(request: IncomingMessage, bodyLimit: BodyLimit | undefined): Readable {
  if (bodyLimit === undefined) return request
  const limit = bodyLimit.bytes
  const length = request.headers['content-length']
  if (length !== undefined) {
    if (Number(length) > limit) throw tooLong(bodyLimit)
    return request
  }
  let received = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, passOn) {
      received += chunk.length
      if (received > limit) passOn(tooLong(bodyLimit))
      else passOn(null, chunk)
    },
  })
  request.on('error', (error) => counted.destroy(error))
  return request.pipe(counted)
}

const tooLong = ({ upstream, bytes: limit }: BodyLimit): Error => upstreamErrors.bodyTooLong({ upstream, limit })
