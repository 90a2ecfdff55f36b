// Answers that a provider sends as a form from a page of its own (SAML 2.0 Bindings §3.5). Such a request brings none of our
// cookies (SameSite), so nobody can say yet whose login it is: what came is kept for a minute, and the browser goes on to
// the callback with a GET that brings them.
//
// One answer for each login that is under way, and no other: strangers make us keep no more than they can begin.

import { hash } from 'node:crypto'
import type { LoginAttempts } from '#sessions'
import type { KeyValueStore, SealContext, Sealer } from '#storage'

export interface PostedAnswers {
  /** Keeps the first answer for a login that is under way; any other is dropped, and the callback will say so. */
  keep(state: string, answer: string): Promise<void>
  /** Takes it out, once. */
  take(state: string): Promise<string | undefined>
}

export interface PostedAnswersDeps {
  readonly keyValue: Pick<KeyValueStore, 'get' | 'set' | 'delete'>
  readonly sealer: Sealer
  readonly attempts: Pick<LoginAttempts, 'isUnderWay'>
}

const LIFETIME_MS = 60_000

export function createPostedAnswers({ keyValue, sealer, attempts }: PostedAnswersDeps): PostedAnswers {
  return Object.freeze({
    async keep(state: string, answer: string) {
      if (!(await attempts.isUnderWay(state))) return
      const key = keyOf(state)
      await keyValue.set(key, sealer.seal(answer, contextOf(key, state)), { ttlMs: LIFETIME_MS, onlyIf: 'absent' })
    },
    async take(state: string) {
      const key = keyOf(state)
      const sealed = await keyValue.get(key)
      if (sealed === undefined || !(await keyValue.delete(key, { onlyIf: sealed }))) return undefined
      return sealer.open(sealed, contextOf(key, state))?.toString()
    },
  })
}

const keyOf = (state: string): string => `login-answer:${hash('sha256', state, 'hex')}`

/** Whoever reads the store does not know the state, and cannot open it with the key ring alone. */
const contextOf = (key: string, state: string): SealContext => ({
  purpose: 'login-answer',
  boundTo: key,
  secret: state,
})
