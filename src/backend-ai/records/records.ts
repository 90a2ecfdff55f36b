// The Manager's own store of logins, as far as its webserver uses it: one value under each session's name. What it holds
// names people's secret keys; nothing of it is kept here.

import type { Clock } from '#kernel'
import type { KeyValueStore } from '#storage'
import type { ManagerLogin } from '../server/authorization.ts'
import { createRecord, type LoginRecord, readRecord, withEnd } from './record.ts'

/** Each method throws storage.unavailable if the store does not answer. */
export interface LoginRecords {
  /** @returns undefined unless there is a login of this name that has not ended */
  find(name: string): Promise<LoginRecord | undefined>
  /** Unless there is one. @param endsAt ms since the epoch @returns whether there was none */
  write(name: string, login: ManagerLogin, endsAt: number): Promise<boolean>
  /**
   * Of a session that begins: its record ends no later than it, and so is no way round its end.
   * @param endsAt ms since the epoch
   * @returns false if there is no such login any more
   */
  limitEnd(name: string, endsAt: number): Promise<boolean>
  /** Moves the end of a record, whoever wrote it. @param endsAt ms since the epoch */
  setEnd(name: string, endsAt: number): Promise<void>
  /** @returns whether there was one */
  remove(name: string): Promise<boolean>
}

export interface LoginRecordsDeps {
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get' | 'set' | 'delete'>
}

/** As the Manager's webserver calls them. */
export const RECORD_PREFIX = 'AIOHTTP_SESSION_'

/** Each loss means that somebody else has just written. */
const MAX_ATTEMPTS = 5

export function createLoginRecords({ clock, keyValue }: LoginRecordsDeps): LoginRecords {
  const keyOf = (name: string): string => RECORD_PREFIX + name
  const ttlUntil = (endsAt: number): number => endsAt - clock.now()

  const replaceEnd = async (name: string, endsAt: number): Promise<boolean> => {
    const before = await keyValue.get(keyOf(name))
    const after = before && withEnd(before, endsAt)
    if (before === undefined || after === undefined) return true
    return keyValue.set(keyOf(name), after, { ttlMs: ttlUntil(endsAt), onlyIf: { equals: before } })
  }

  const setEnd = async (name: string, endsAt: number): Promise<void> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) if (await replaceEnd(name, endsAt)) return
    throw new Error('the record of a login changes all the time')
  }

  const find = async (name: string): Promise<LoginRecord | undefined> => {
    const text = await keyValue.get(keyOf(name))
    return text === undefined ? undefined : readRecord(text, clock.now())
  }

  return Object.freeze({
    find,
    async write(name: string, login: ManagerLogin, endsAt: number) {
      const text = createRecord(login, { begunAt: clock.now(), endsAt })
      return keyValue.set(keyOf(name), text, { ttlMs: ttlUntil(endsAt), onlyIf: 'absent' })
    },
    async limitEnd(name: string, endsAt: number) {
      const record = await find(name)
      if (record === undefined) return false
      if ((record.endsAt ?? Number.POSITIVE_INFINITY) > endsAt) await setEnd(name, endsAt)
      return true
    },
    setEnd,
    remove: (name: string) => keyValue.delete(keyOf(name)),
  })
}
