// All requests of a stand-in, countable, and waitable for.

import type { ReceivedRequest } from './received-request.ts'

export interface RequestLog {
  /** In the order in which their heads came; only the latest, if the stand-in was told to keep so many. */
  readonly requests: readonly ReceivedRequest[]
  readonly counts: RequestCounts
  /** Resolves with the first request, past or future, that is so. */
  whenRequest(isThis: (request: ReceivedRequest) => boolean): Promise<ReceivedRequest>
  /** Forgets the requests; the counts stay. */
  forgetRequests(): void
}

/** Since the start, whether kept or not. */
export interface RequestCounts {
  readonly all: number
  readonly verified: number
  /** Carried a proof of identity that did not hold, or two that contradict each other. */
  readonly disproved: number
  /** Carried none. */
  readonly anonymous: number
  /** By route: `POST /auth/authorize`, `echo`. */
  readonly byRoute: ReadonlyMap<string, number>
}

export interface WritableRequestLog extends RequestLog {
  add(request: ReceivedRequest, route: string): void
}

export function createRequestLog(keepRequests: number): WritableRequestLog {
  const requests: ReceivedRequest[] = []
  const byRoute = new Map<string, number>()
  const counts = { all: 0, verified: 0, disproved: 0, anonymous: 0, byRoute }
  let changed = Promise.withResolvers<void>()

  const count = ({ verified, verification }: ReceivedRequest, route: string): void => {
    const hasProof = verification.hmac !== undefined || verification.token !== undefined
    counts.all += 1
    counts[verified ? 'verified' : hasProof ? 'disproved' : 'anonymous'] += 1
    byRoute.set(route, (byRoute.get(route) ?? 0) + 1)
  }

  return Object.freeze({
    requests,
    counts,
    add(request: ReceivedRequest, route: string) {
      count(request, route)
      requests.push(request)
      if (requests.length > keepRequests) requests.shift()
      changed.resolve()
      changed = Promise.withResolvers()
    },
    async whenRequest(isThis: (request: ReceivedRequest) => boolean) {
      for (;;) {
        const found = requests.find(isThis)
        if (found !== undefined) return found
        await changed.promise
      }
    },
    forgetRequests: () => void requests.splice(0),
  })
}
