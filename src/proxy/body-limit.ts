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

/** The body, which fails where it becomes too long. @throws upstream.bodyTooLong if it says so itself */
export function limitBody(request: IncomingMessage, bodyLimit: BodyLimit | undefined): Readable {
  if (bodyLimit === undefined) return request
  const { upstream, bytes: limit } = bodyLimit
  const tooLong = () => upstreamErrors.bodyTooLong({ upstream, limit })
  const length = request.headers['content-length']
  if (length !== undefined) {
    if (Number(length) > limit) throw tooLong()
    return request
  }
  let received = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, passOn) {
      received += chunk.length
      if (received > limit) passOn(tooLong())
      else passOn(null, chunk)
    },
  })
  request.on('error', (error) => counted.destroy(error))
  return request.pipe(counted)
}
