// Bodies that are read here rather than streamed on: those of /server/, and those that the Web UI hides. Bounded in size and
// time, and decoded where the request says that they are hidden.

import type { ServerResponse } from 'node:http'
import { type RequestContext, readBody } from '#http'
import type { Clock } from '#kernel'
import { decodePayload, ENCODED_HEADER, readEncodedFlag } from './encoded-payload.ts'
import { webserverErrors } from './server/errors.ts'

/** §1, 6: the most that is read. */
export const MAX_BODY_BYTES = 1_048_576
/** As long as a body of the gateway's own API may take, unless that is changed. */
const BODY_TIME_MS = 20_000

export interface BodyReader {
  /** Whether the request says that its body is hidden. @throws webserver.invalidParameters if it says neither */
  isEncoded(ctx: RequestContext): boolean
  /**
   * The whole body, as its author wrote it.
   * @throws webserver.bodyTooLong, webserver.invalidParameters, http.bodyTimeout
   */
  read(ctx: RequestContext, response: ServerResponse): Promise<Buffer>
}

export interface BodyReaderDeps {
  readonly clock: Clock
  /** Where browsers are told that we are: `apiEndpoint` of config.toml. */
  readonly endpointOf: (ctx: RequestContext) => string
}

export function createBodyReader({ clock, endpointOf }: BodyReaderDeps): BodyReader {
  const isEncoded = ({ request }: RequestContext): boolean => {
    const flag = readEncodedFlag(request.headers[ENCODED_HEADER])
    if (flag === undefined) throw unreadable('The header X-BackendAI-Encoded says neither yes nor no.')
    return flag
  }

  return Object.freeze({
    isEncoded,
    async read(ctx: RequestContext, response: ServerResponse) {
      const isHidden = isEncoded(ctx)
      const limits = { maxBytes: MAX_BODY_BYTES, timeMs: BODY_TIME_MS, tooLong }
      const body = await readBody(ctx, response, clock, limits)
      if (!isHidden) return body
      const decoded = decodePayload(body, endpointOf(ctx))
      if (decoded === undefined) throw unreadable('The body was not encoded for this endpoint.')
      return decoded
    },
  })
}

const unreadable = (reason: string) => webserverErrors.invalidParameters({ reason })

const tooLong = (size: number) => webserverErrors.bodyTooLong({ limit: MAX_BODY_BYTES, size })
