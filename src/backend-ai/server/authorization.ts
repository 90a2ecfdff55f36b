// Reads what the Manager says to a login (`POST /auth/authorize`, §1.2). A success is 200, JSON, and every field as it should
// be; what is neither that, nor a wish for a second factor, nor an error in JSON is of no use, and never a login.

import { z } from 'zod'
import { isJsonType } from '#http'
import { parseJson } from '#kernel'
import type { Profile } from '../profile.ts'

export type Authorization =
  | { readonly kind: 'success'; readonly login: ManagerLogin }
  | { readonly kind: 'otpRequired' }
  | { readonly kind: 'otpRegistrationRequired'; readonly token: string }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: ManagerProblem }
  | { readonly kind: 'unusable'; readonly reason: string }

/** What can be told to whoever logs in. */
export type Understood = Exclude<Authorization, { readonly kind: 'unusable' }>

export interface ManagerLogin {
  readonly accessKey: string
  readonly secretKey: string
  readonly role: string
  readonly status: string
  /** Names the session; where the Manager names them. */
  readonly sessionToken?: string
  /** Told by the newest releases only, and needed for nothing but the record of the login. */
  readonly userId?: string
}

/** In the Manager's words; null for what it left out. */
export interface ManagerProblem {
  readonly type: string | null
  readonly title: string | null
  readonly msg: string | null
}

export interface ManagerAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Buffer
}

type Switches = Pick<Profile, 'sessionNamedBy'>

/** @param profile which fields a success must have (§12) */
export function readAuthorization(answer: ManagerAnswer, profile: Switches): Authorization {
  const body = readJson(answer)
  if (body === undefined) return { kind: 'unusable', reason: `status ${answer.status} without JSON` }
  if (answer.status === 200) return readSuccess(body, profile)
  if (answer.status >= 400 && answer.status < 600)
    return { kind: 'refused', status: answer.status, problem: readProblem(body) }
  return { kind: 'unusable', reason: `status ${answer.status}` }
}

/** @returns undefined for what is no JSON, by its type or in itself */
export function readJson({ contentType, body }: ManagerAnswer): unknown {
  return isJsonType(contentType) ? parseJson(body.toString()) : undefined
}

function readSuccess(body: unknown, { sessionNamedBy }: Switches): Authorization {
  const { data: found } = success.safeParse(body)
  if (found === undefined) return readWish(body)
  const { access_key: accessKey, secret_key: secretKey, role, status, user_id: userId } = found.data
  const login = { accessKey, secretKey, role, status, ...(userId !== undefined && { userId }) }
  if (sessionNamedBy === 'gateway') return { kind: 'success', login }
  const sessionToken = tokenText.safeParse(found.data.session_token).data
  if (sessionToken === undefined) return { kind: 'unusable', reason: 'a success without session_token' }
  return { kind: 'success', login: { ...login, sessionToken } }
}

/** They travel in a header. */
const keyText = z.string().regex(/^[\x21-\x7e]{1,256}$/)
/** The Manager's names for sessions (§2.6). */
const tokenText = z.string().regex(/^[0-9a-f]{32}$/)

export const userIdText = z.uuid()
/** A word of the Manager's own: it is shown on pages. */
export const wordText = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

/** What a login is, in the Manager's answer and in the record of it. */
export const keypairFields = {
  access_key: keyText,
  secret_key: keyText,
  role: wordText,
  status: wordText,
}

const success = z.object({
  data: z.object({
    response_type: z.literal('success'),
    type: z.literal('keypair').optional(),
    ...keypairFields,
    session_token: z.unknown().optional(),
    user_id: userIdText.optional().catch(undefined),
  }),
})

const wish = z.object({ data: z.object({ response_type: z.string(), token: z.string().optional() }) })

function readWish(body: unknown): Authorization {
  const { response_type: kind, token } = wish.safeParse(body).data?.data ?? {}
  if (kind === 'REQUIRE_TWO_FACTOR_AUTH') return { kind: 'otpRequired' }
  if (kind === 'REQUIRE_TWO_FACTOR_REGISTRATION' && token !== undefined) {
    return { kind: 'otpRegistrationRequired', token }
  }
  return { kind: 'unusable', reason: 'status 200 without a valid keypair' }
}

const text = z
  .string()
  .nullable()
  .catch(null)
  .transform((value) => value?.slice(0, MAX_TEXT) ?? null)
const MAX_TEXT = 4096
const problem = z.object({ type: text, title: text, msg: text })

export const readProblem = (body: unknown): ManagerProblem =>
  problem.safeParse(body).data ?? { type: null, title: null, msg: null }
