// Passwords at rest: argon2id, its parameters kept with each hash (PHC string format), the work done off the event loop.
// Nothing here ever says why a password did not fit.

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { createTurnstile } from '../../turnstile.ts'

export interface HashCost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** OWASP's second choice for argon2id: about 50 ms of one core. Raise it here; hashes follow at each login. */
export const CURRENT_COST: HashCost = Object.freeze({ memoryKib: 19_456, passes: 2, lanes: 1 })

export interface PasswordCheck {
  readonly matches: boolean
  /** The hash was made at another cost than the current one: make a new one while the password is at hand. */
  readonly isOutdated: boolean
}

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /** @param stored undefined where there is no such account: then the same work is done for nothing. */
  check(password: string, stored: string | undefined): Promise<PasswordCheck>
}

/** Longer ones are refused, after the same work: what is hashed is bounded. */
export const MAX_PASSWORD_LENGTH = 1024

const SALT_BYTES = 16
const TAG_BYTES = 32

/** @throws login.busy when more checks wait than could be done in good time. */
export function createPasswordHasher(cost: HashCost = CURRENT_COST): PasswordHasher {
  // Hashing shares the runtime's threads with files and name look-ups, which must not wait for everybody who is guessing.
  const run = createTurnstile({ atOnce: 2, waiting: 100 })

  const derive = (password: string, salt: Uint8Array, { memoryKib, passes, lanes }: HashCost): Promise<Buffer> =>
    run('hash', () =>
      argon2id('argon2id', {
        // The same characters typed on two keyboards are the same password.
        message: password.slice(0, MAX_PASSWORD_LENGTH).normalize('NFC'),
        nonce: salt,
        parallelism: lanes,
        tagLength: TAG_BYTES,
        memory: memoryKib,
        passes,
      }),
    )

  return Object.freeze({
    async hash(password: string) {
      const salt = randomBytes(SALT_BYTES)
      return format({ cost, salt, tag: await derive(password, salt, cost) })
    },

    async check(password: string, stored: string | undefined) {
      const hash = (stored === undefined ? undefined : parse(stored)) ?? unmatchable(cost)
      const tag = await derive(password, hash.salt, hash.cost)
      const matches = timingSafeEqual(tag, hash.tag) && password.length <= MAX_PASSWORD_LENGTH
      return { matches, isOutdated: matches && !isSameCost(hash.cost, cost) }
    },
  })
}

const argon2id = promisify(argon2)

interface StoredHash {
  readonly cost: HashCost
  readonly salt: Buffer
  readonly tag: Buffer
}

const format = ({ cost: { memoryKib, passes, lanes }, salt, tag }: StoredHash): string =>
  `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${toUnpadded(salt)}$${toUnpadded(tag)}`

const toUnpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const PHC = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

function parse(stored: string): StoredHash | undefined {
  const match = PHC.exec(stored)
  if (match === null) return undefined
  const [, memory, passes, lanes, salt = '', tag = ''] = match
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

/** A hash that no password has. */
const unmatchable = (cost: HashCost): StoredHash => ({
  cost,
  salt: randomBytes(SALT_BYTES),
  tag: randomBytes(TAG_BYTES),
})

const isSameCost = (a: HashCost, b: HashCost): boolean =>
  a.memoryKib === b.memoryKib && a.passes === b.passes && a.lanes === b.lanes
