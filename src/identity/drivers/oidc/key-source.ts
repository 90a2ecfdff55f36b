// Where the keys come from that sign ID tokens and logout tokens: kept for five minutes, fetched once more when a token
// names an unknown one, and never more than twice a minute however many tokens do. Anybody may send logout tokens, so
// they have a budget of their own: once a minute. Who checks decides which key fits; this decides what they are shown.

import type { JSONWebKeySet } from 'jose'
import { type Configuration, setJwksCache } from 'openid-client'
import type { Clock } from '#kernel'
import type { FetchRequest, LimitedFetch } from '../../limited-fetch.ts'

const FRESH_MS = 300_000
const WINDOW_MS = 60_000
const MAX_FETCHES_FOR_LOGINS = 2
const MAX_FETCHES_FOR_LOGOUTS = 1
/** The library fetches again for an unknown key only if it takes its copy to be this old. */
const REFETCHABLE_AGE_SECONDS = 60

export interface KeySource {
  /** Shows the library the keys that are known, in such a way that it asks `fetch` if none fits. */
  seed(configuration: Configuration): void
  /** Answers the library's request for the key set. */
  fetch(url: string, request: FetchRequest): Promise<Response>
  /** The keys, for a token that the library does not check. */
  read(url: string, need: KeyNeed): Promise<JSONWebKeySet>
}

export interface KeyNeed {
  /** Whose budget a look at the provider counts for. */
  readonly purpose: 'login' | 'logout'
  /** None of those that this gave before fits. */
  readonly lacksKey: boolean
}

interface KeySet {
  readonly text: string
  readonly fetchedAtMs: number
}

export function createKeySource(fetchKeys: LimitedFetch, clock: Clock): KeySource {
  let known: KeySet | undefined
  let pending: Promise<string> | undefined
  const forLogins = createBudget(MAX_FETCHES_FOR_LOGINS, clock)
  const forLogouts = createBudget(MAX_FETCHES_FOR_LOGOUTS, clock)

  const download = async (url: string, request: FetchRequest): Promise<string> => {
    const response = await fetchKeys(url, request)
    if (response.status !== 200) throw new Error(`the key set answered with status ${response.status}`)
    const text = await response.text()
    if (!isKeySet(text)) throw new Error('the key set is not one')
    known = { text, fetchedAtMs: clock.monotonicMs() }
    return text
  }

  const isFresh = (keys: KeySet): boolean => clock.monotonicMs() - keys.fetchedAtMs < FRESH_MS

  const load = async (url: string, request: FetchRequest, budget: Budget): Promise<string> => {
    if (pending !== undefined) return pending
    if (!budget.take()) {
      if (known === undefined) throw new Error('the key set has been asked for too often')
      return known.text
    }
    pending = download(url, request).finally(() => {
      pending = undefined
    })
    return pending
  }

  return Object.freeze({
    seed(configuration: Configuration) {
      if (known === undefined || !isFresh(known)) return
      const uat = Math.floor(Date.now() / 1000) - REFETCHABLE_AGE_SECONDS
      setJwksCache(configuration, { jwks: JSON.parse(known.text), uat })
    },
    async fetch(url: string, request: FetchRequest) {
      // One caller's change of mind must not end the exchange for the others, so no signal is passed on.
      const text = await load(url, { method: request.method, headers: request.headers }, forLogins)
      return new Response(text, { status: 200, headers: { 'content-type': 'application/json' } })
    },
    async read(url: string, { purpose, lacksKey }: KeyNeed) {
      const usable = known !== undefined && isFresh(known) && !lacksKey ? known.text : undefined
      const text = usable ?? (await load(url, PLAIN_REQUEST, purpose === 'login' ? forLogins : forLogouts))
      return JSON.parse(text) as JSONWebKeySet
    },
  })
}

const PLAIN_REQUEST: FetchRequest = {
  method: 'GET',
  headers: { accept: 'application/json, application/jwk-set+json' },
}

interface Budget {
  /** @returns false when there is none left for now */
  take(): boolean
}

function createBudget(max: number, clock: Clock): Budget {
  let recentMs: readonly number[] = []
  return {
    take() {
      const now = clock.monotonicMs()
      recentMs = recentMs.filter((time) => now - time < WINDOW_MS)
      if (recentMs.length >= max) return false
      recentMs = [...recentMs, now]
      return true
    },
  }
}

function isKeySet(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  } catch {
    return false
  }
}
