// The record of a login that the Manager and its webserver share (§2.2): what stands under AIOHTTP_SESSION_NAME. Others
// write it too, so it is believed only if it is exactly a login that has not ended.

import { z } from 'zod'
import { MAX_JSON_DEPTH, nestsDeeperThan } from '#http'
import { parseJson } from '#kernel'
import { keypairFields, type ManagerLogin, userIdText } from '../server/authorization.ts'

export interface LoginRecord {
  readonly login: ManagerLogin
  /** ms since the epoch; absent: nobody said. */
  readonly endsAt?: number
}

const seconds = z.number().min(0).max(1e11)

const record = z.object({
  session: z.object({
    authenticated: z.literal(true),
    token: z.object({ type: z.literal('keypair'), ...keypairFields, user_id: userIdText.optional().catch(undefined) }),
  }),
  expiration_dt: seconds.optional(),
})

/** @returns undefined for what is no login, or one that has ended */
export function readRecord(text: string, now: number): LoginRecord | undefined {
  const { data: found } = record.safeParse(readText(text))
  if (found === undefined) return undefined
  const { access_key: accessKey, secret_key: secretKey, role, status, user_id: userId } = found.session.token
  const login = { accessKey, secretKey, role, status, ...(userId !== undefined && { userId }) }
  if (found.expiration_dt === undefined) return { login }
  const endsAt = found.expiration_dt * 1000
  return endsAt < now ? undefined : { login, endsAt }
}

/** As the webserver writes it. @param life ms since the epoch */
export function createRecord(login: ManagerLogin, life: { readonly begunAt: number; readonly endsAt: number }): string {
  const { accessKey, secretKey, role, status, userId } = login
  return JSON.stringify({
    created: toSeconds(life.begunAt),
    session: {
      authenticated: true,
      token: {
        type: 'keypair',
        access_key: accessKey,
        secret_key: secretKey,
        role,
        status,
        ...(userId !== undefined && { user_id: userId }),
      },
    },
    expiration_dt: toSeconds(life.endsAt),
  })
}

/** The same record with another end; everything else in it stays. @returns undefined for what is no record */
export function withEnd(text: string, endsAt: number): string | undefined {
  const parsed = readText(text)
  if (!record.safeParse(parsed).success) return undefined
  return JSON.stringify({ ...(parsed as object), expiration_dt: toSeconds(endsAt) })
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000)

/** A record has some hundred characters; what costs more to read is none. */
const MAX_LENGTH = 65_536

function readText(text: string): unknown {
  if (text.length > MAX_LENGTH || nestsDeeperThan(text, MAX_JSON_DEPTH)) return undefined
  return parseJson(text)
}
