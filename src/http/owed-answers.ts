// Which answers a connection still waits for. Whatever is written to its socket in between would be read as one of them
// (RFC 9112 §9.3.2), so the edge asks before it takes a socket over or refuses what it cannot parse.

import type { ServerResponse } from 'node:http'

export interface OwedAnswers {
  /** From the head of the request until its answer is out, or cannot be. */
  add(socket: object, response: ServerResponse): void
  remove(socket: object, response: ServerResponse): void
  /** Whether any request has no complete answer yet. */
  has(socket: object): boolean
  /** How many they are. */
  count(socket: object): number
  /** Whether there is any but for one request that is itself still arriving and may be refused. */
  hasOther(socket: object): boolean
}

export function createOwedAnswers(): OwedAnswers {
  const owed = new WeakMap<object, Set<ServerResponse>>()
  const responsesOf = (socket: object): Iterable<ServerResponse> => owed.get(socket) ?? []

  return Object.freeze({
    add(socket: object, response: ServerResponse) {
      const known = owed.get(socket)
      if (known === undefined) owed.set(socket, new Set([response]))
      else known.add(response)
    },
    remove: (socket: object, response: ServerResponse) => void owed.get(socket)?.delete(response),
    count: (socket: object) => owed.get(socket)?.size ?? 0,
    has: (socket: object) => (owed.get(socket)?.size ?? 0) > 0,
    hasOther(socket: object) {
      for (const { headersSent, req } of responsesOf(socket)) if (headersSent || req.complete) return true
      return false
    },
  })
}
