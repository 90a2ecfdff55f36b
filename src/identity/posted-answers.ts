// Answers that a provider sends as a form from a page of its own (SAML 2.0 Bindings §3.5). Such a request brings none of our
// cookies (SameSite), so nobody can say yet whose login it is: what came is kept for a minute, and the browser goes on to
// the callback with a GET that brings them.
//
// One answer for each login that is under way, and no other; and because an answer is far larger than what a login takes, no
// more than so much in a minute.

import { hash } from 'node:crypto'
import { addressKey } from '#http'
import type { Clock } from '#kernel'
import type { LoginAttempts } from '#sessions'
import type { KeyValueStore, SealContext, Sealer } from '#storage'
import { loginErrors } from './errors.ts'

export interface PostedAnswers {
  /**
   * Keeps the first answer for a login that is under way; any other is dropped, and the callback will say so.
   * @throws login.busy
   */
  keep(posted: PostedAnswer): Promise<void>
  /** Takes it out, once. */
  take(state: string): Promise<string | undefined>
}

export interface PostedAnswer {
  /** Of the browser that brought it. */
  readonly address: string
  readonly state: string
  readonly answer: string
}

export interface PostedAnswersDeps {
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get' | 'set' | 'delete' | 'increment'>
  readonly sealer: Sealer
  readonly attempts: Pick<LoginAttempts, 'isUnderWay'>
}

const LIFETIME_MS = 60_000
/** In a minute: some 500 logins, for an answer has 10 to 20 KiB. */
const MAX_KIB_OF_ADDRESS = 8 * 1024
const MAX_KIB = 64 * 1024

export function createPostedAnswers({ clock, keyValue, sealer, attempts }: PostedAnswersDeps): PostedAnswers {
  /** Counts what is to be kept; sums up what one minute brought. */
  const takeRoom = async (owner: string, kib: number, max: number): Promise<void> => {
    const minute = Math.floor(clock.now() / LIFETIME_MS)
    const key = `login-answer-room:${owner}:${minute}`
    if ((await keyValue.increment(key, { by: kib, ttlMs: 2 * LIFETIME_MS })) > max) throw loginErrors.busy({})
  }

  return Object.freeze({
    async keep({ address, state, answer }: PostedAnswer) {
      if (!(await attempts.isUnderWay(state))) return
      const key = keyOf(state)
      if ((await keyValue.get(key)) !== undefined) return
      const kib = Math.ceil(answer.length / 1024)
      await takeRoom(addressKey(address), kib, MAX_KIB_OF_ADDRESS)
      await takeRoom('all', kib, MAX_KIB)
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
