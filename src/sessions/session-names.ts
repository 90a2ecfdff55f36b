// Names that features give to sessions of theirs. Each stands for one session and for no other as long as anything of that
// one can be left: a name that somebody has, or had, never becomes somebody else's.

import type { KeyValueStore } from '#storage'
import { sessionErrors } from './errors.ts'
import { parseCompactName, type SessionToken } from './session-token.ts'

export interface SessionNames {
  /** Takes the name for a session that is to begin; one whose beginning fails has used it. @throws session.nameTaken */
  claim(name: string): Promise<SessionToken>
}

export interface NamesDeps {
  readonly keyValue: KeyValueStore
  /** After this nothing is left of a session. */
  readonly absoluteMs: number
}

export const createSessionNames = ({ keyValue, absoluteMs }: NamesDeps): SessionNames =>
  Object.freeze({
    async claim(name: string) {
      const token = parseCompactName(name)
      if (token === undefined) throw new Error('a session is named by 32 lower-case hexadecimal digits')
      const ttlMs = absoluteMs + leewayMs
      const isFree = await keyValue.set(`websession-name:${token.ref}`, '1', { ttlMs, onlyIf: 'absent' })
      if (!isFree) throw sessionErrors.nameTaken({})
      return token
    },
  })

/** A session begins a moment after its name is taken. */
const leewayMs = 60_000
