// Which answers a connection still waits for, and whether anything more is read from it. Whatever is written to its
// socket in between would be read as one of those answers (RFC 9112 §9.3.2), so the edge asks before it takes a socket
// over or refuses what it cannot parse.

import type { ServerResponse } from 'node:http'

/** One connection. Found once for each request, because every request passes here. */
export interface Owing {
  /** Nothing that follows on it is taken for a request. */
  isDoubted: boolean
  /** From the head of a request until its answer is out, or cannot be. */
  readonly answers: Set<ServerResponse>
}

export interface OwedAnswers {
  of(socket: object): Owing
  /** Whether any request has no complete answer yet, or nothing more is read. */
  isBusy(socket: object): boolean
  /** Whether there is any but for one request that is itself still arriving and may be refused. */
  hasOther(socket: object): boolean
}

export function createOwedAnswers(): OwedAnswers {
  const known = new WeakMap<object, Owing>()

  const create = (socket: object): Owing => {
    const owing: Owing = { isDoubted: false, answers: new Set() }
    known.set(socket, owing)
    return owing
  }

  return Object.freeze({
    of: (socket: object) => known.get(socket) ?? create(socket),
    isBusy(socket: object) {
      const owing = known.get(socket)
      return owing !== undefined && (owing.isDoubted || owing.answers.size > 0)
    },
    hasOther(socket: object) {
      for (const { headersSent, req } of known.get(socket)?.answers ?? []) if (headersSent || req.complete) return true
      return false
    },
  })
}
