// Where the keys that sign ID tokens come from: kept for five minutes, fetched once more when a token
// names an unknown one, and never more than twice a minute however many tokens do. The library decides which key fits;
// this decides what it is shown.

import { type Configuration, setJwksCache } from 'openid-client'
import type { Clock } from '#kernel'
import type { FetchRequest, LimitedFetch } from '../../limited-fetch.ts'

const FRESH_MS = 300_000
const WINDOW_MS = 60_000
const MAX_FETCHES_IN_WINDOW = 2
/** The library fetches again for an unknown key only if it takes its copy to be this old. */
const REFETCHABLE_AGE_SECONDS = 60

export interface KeySource {
  /** Shows the library the keys that are known, in such a way that it asks `fetch` if none fits. */
  seed(configuration: Configuration): void
  /** Answers the library's request for the key set. */
  fetch(url: string, request: FetchRequest): Promise<Response>
}

interface KeySet {
  readonly text: string
  readonly fetchedAtMs: number
}

export function createKeySource(fetchKeys: LimitedFetch, clock: Clock): KeySource {
  let known: KeySet | undefined
  let pending: Promise<string> | undefined
  let recentFetchesMs: readonly number[] = []

  const download = async (url: string, request: FetchRequest): Promise<string> => {
    const response = await fetchKeys(url, request)
    if (response.status !== 200) throw new Error(`the key set answered with status ${response.status}`)
    const text = await response.text()
    if (!isKeySet(text)) throw new Error('the key set is not one')
    known = { text, fetchedAtMs: clock.monotonicMs() }
    return text
  }

  const load = async (url: string, request: FetchRequest): Promise<string> => {
    if (pending !== undefined) return pending
    const now = clock.monotonicMs()
    recentFetchesMs = recentFetchesMs.filter((time) => now - time < WINDOW_MS)
    if (recentFetchesMs.length >= MAX_FETCHES_IN_WINDOW) {
      if (known === undefined) throw new Error('the key set has been asked for too often')
      return known.text
    }
    recentFetchesMs = [...recentFetchesMs, now]
    pending = download(url, request).finally(() => {
      pending = undefined
    })
    return pending
  }

  return Object.freeze({
    seed(configuration: Configuration) {
      if (known === undefined || clock.monotonicMs() - known.fetchedAtMs >= FRESH_MS) return
      const uat = Math.floor(Date.now() / 1000) - REFETCHABLE_AGE_SECONDS
      setJwksCache(configuration, { jwks: JSON.parse(known.text), uat })
    },
    async fetch(url: string, request: FetchRequest) {
      // One caller's change of mind must not end the exchange for the others, so no signal is passed on.
      const text = await load(url, { method: request.method, headers: request.headers })
      return new Response(text, { status: 200, headers: { 'content-type': 'application/json' } })
    },
  })
}

function isKeySet(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  } catch {
    return false
  }
}
