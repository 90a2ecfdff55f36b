// Whether a request comes from the front server itself: its address, and a secret that no client knows.

import { hash, timingSafeEqual } from 'node:crypto'
import { createTrustCheck } from '#http'
import type { Secret } from '#kernel'
import type { ReadHeader } from './read-headers.ts'

export interface FrontServer {
  /** @returns what is missing, in a word for the log; undefined if nothing is */
  whyNot(peer: string, readHeader: ReadHeader): string | undefined
}

export interface FrontServerOptions {
  readonly from: readonly string[]
  /** Absent where it comes by a unix socket only: who may open that is the file system's matter. */
  readonly secret?: Secret | undefined
  readonly secretHeader: string
}

export function createFrontServer({ from, secret, secretHeader }: FrontServerOptions): FrontServer {
  const isListed = createTrustCheck(from)
  const expected = secret && digest(secret.reveal())
  return Object.freeze({
    whyNot(peer: string, readHeader: ReadHeader) {
      if (!isListed(peer)) return 'the request does not come from the front server'
      if (expected === undefined) return undefined
      const given = readHeader(secretHeader)
      if (given === undefined) return 'the request comes without the secret'
      return timingSafeEqual(digest(given), expected) ? undefined : 'the secret is another one'
    },
  })
}

/** Of one length, whatever the length of the text. */
const digest = (text: string): Buffer => hash('sha256', text, 'buffer')
