// A request as it reached a stand-in, word for word, so that a test can recompute from it whatever the protocol derives from
// the bytes. The head is there at once; the body comes.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Verification } from './verification.ts'

export interface ReceivedHead {
  readonly method: string
  /** As on the request line. */
  readonly target: string
  /** In order, as spelled on the wire, repeated ones repeated. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The values of a header, by lower-case name. */
  all(name: string): readonly string[]
}

export interface ReceivedRequest extends ReceivedHead {
  /** Which connection it came over, counted from 0. */
  readonly connection: number
  /** Whether it asks for a WebSocket. */
  readonly isUpgrade: boolean
  /** Whether it carries proof of whose it is, and every proof that it carries is right. */
  readonly verified: boolean
  readonly verification: Verification
  readonly body: ReceivedBody
}

export interface ReceivedBody {
  /** How many have come so far, without their framing. */
  readonly bytes: number
  /** Of what has come so far, in hex. */
  readonly sha256: string
  /** The beginning of it, as much as is kept. */
  readonly content: Buffer
  readonly state: 'coming' | 'whole' | 'cut off'
  /** Resolves with the content when it is whole; rejects when it was cut off or is larger than what is kept. */
  whole(): Promise<Buffer>
}

export const readHead = ({ method = '', url = '', rawHeaders }: IncomingMessage): ReceivedHead => {
  const headers = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [[name, rawHeaders[index + 1] ?? ''] as const]))
  const all = (name: string) => headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  return Object.freeze({ method, target: url, headers, all })
}

/** Where the bytes of a body go besides into the record. */
export type BodySink = (chunk: Buffer) => void

export interface IncomingBody extends ReceivedBody {
  /** Begins to read; before that the sender is held back. */
  read(sink?: BodySink): Promise<void>
}

/** @param keepBytes how much of the content stays in memory */
export function receiveBody(incoming: IncomingMessage, keepBytes: number): IncomingBody {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  const ended = Promise.withResolvers<void>()
  let bytes = 0
  let keptBytes = 0
  let state: ReceivedBody['state'] = 'coming'
  const end = (as: 'whole' | 'cut off') => {
    if (state === 'coming') state = as
    ended.resolve()
  }
  incoming.once('end', () => end('whole'))
  incoming.once('close', () => end('cut off'))
  incoming.once('error', () => end('cut off'))
  const take = (chunk: Buffer) => {
    hash.update(chunk)
    bytes += chunk.length
    const part = chunk.subarray(0, keepBytes - keptBytes)
    keptBytes += part.length
    if (part.length > 0) kept.push(part)
  }
  return Object.freeze({
    get bytes() {
      return bytes
    },
    get sha256() {
      return hash.copy().digest('hex')
    },
    get content() {
      return Buffer.concat(kept)
    },
    get state() {
      return state
    },
    async whole() {
      await ended.promise
      if (state === 'cut off') throw new Error(`the body was cut off after ${bytes} bytes`)
      if (keptBytes < bytes) throw new Error(`the body has ${bytes} bytes, of which ${keptBytes} were kept`)
      return Buffer.concat(kept)
    },
    read(sink?: BodySink) {
      incoming.on('data', (chunk: Buffer) => {
        take(chunk)
        sink?.(chunk)
      })
      return ended.promise
    },
  })
}
