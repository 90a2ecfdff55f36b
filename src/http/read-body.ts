// The whole body of a request to a mount, for features that read it rather than stream it on: bounded in size and time.

import type { ServerResponse } from 'node:http'
import type { Clock } from '#kernel'
import type { RequestContext } from './context.ts'
import { httpErrors } from './errors.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** For all of it. */
  readonly timeMs: number
  /** What to throw for a longer one; http.bodyTooLarge unless given. @param size as far as it is known */
  readonly tooLong?: (size: number) => Error
}

/** @throws http.bodyTooLarge, or what the limits say; http.bodyTimeout; http.malformedRequest if it breaks off */
export async function readBody(
  { request }: RequestContext,
  response: ServerResponse,
  clock: Clock,
  limits: BodyLimits,
): Promise<Buffer> {
  const { maxBytes, timeMs, tooLong = () => httpErrors.bodyTooLarge({ limitBytes: maxBytes }) } = limits
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLong(declared)
  if (request.headers.expect !== undefined) response.writeContinue()
  const overdue = Promise.withResolvers<never>()
  const cancel = clock.after(timeMs, () => overdue.reject(httpErrors.bodyTimeout({})))
  try {
    return await Promise.race([collect(request, maxBytes, tooLong), overdue.promise])
  } finally {
    cancel()
  }
}

/** By events, so that a refusal leaves the connection to whoever writes the answer. */
function collect(
  request: RequestContext['request'],
  maxBytes: number,
  tooLong: (size: number) => Error,
): Promise<Buffer> {
  // One that said of itself that it has no body ended before anybody could listen.
  if (request.readableEnded) return Promise.resolve(Buffer.alloc(0))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        request.pause()
        reject(tooLong(size))
      }
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    // Whoever left reads no answer: nothing went wrong on our side.
    const onGone = (): void => reject(httpErrors.malformedRequest({ reason: 'its body broke off' }))
    request.once('error', onGone)
    request.once('close', onGone)
  })
}
