// Reads the Manager's answer to `POST /auth/authorize`. A success is 200, JSON, and every field as it
// should be; what is neither that nor a refusal that we know is a fault of the Manager, never a login.

import { z } from 'zod'
import { isJsonType } from '#http'

export type Authorization =
  | {
      readonly kind: 'success'
      readonly accessKey: string
      readonly secretKey: string
      readonly role: string
      readonly status: string
    }
  | { readonly kind: 'otp-required' }
  | { readonly kind: 'refused'; readonly reason: string; readonly notice?: string }
  | { readonly kind: 'fault'; readonly reason: string }

/** They travel in a header. */
const keyText = z.string().regex(/^[\x21-\x7e]{1,256}$/)

const success = z.object({
  authenticated: z.literal(true).optional(),
  data: z.object({
    response_type: z.literal('success'),
    type: z.literal('keypair').optional(),
    access_key: keyText,
    secret_key: keyText,
    role: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    status: z.string().min(1),
  }),
})

const secondFactor = z.object({ data: z.object({ response_type: z.string() }) })

const problem = z.object({ type: z.string().default(''), msg: z.string().default('') })

export async function readAuthorization(response: Response): Promise<Authorization> {
  if (!isJsonType(response.headers.get('content-type')))
    return { kind: 'fault', reason: `status ${response.status} without JSON` }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.status === 200) return readSuccess(body)
  if (response.status >= 400 && response.status < 500) return readRefusal(response.status, body)
  return { kind: 'fault', reason: `status ${response.status}` }
}

function readSuccess(body: unknown): Authorization {
  const { data: found } = success.safeParse(body)
  if (found !== undefined) {
    const { access_key: accessKey, secret_key: secretKey, role, status } = found.data
    return { kind: 'success', accessKey, secretKey, role, status }
  }
  switch (secondFactor.safeParse(body).data?.data.response_type) {
    case 'REQUIRE_TWO_FACTOR_AUTH':
      return { kind: 'otp-required' }
    case 'REQUIRE_TWO_FACTOR_REGISTRATION':
      return {
        kind: 'refused',
        reason: 'otp_not_registered',
        notice:
          'A second factor is required for your account, and none is set up. Set one up there first, then log in here.',
      }
    default:
      return { kind: 'fault', reason: 'status 200 without a valid keypair' }
  }
}

const NOTICES: Readonly<Record<string, string>> = {
  'password-expired': 'Your password there has expired. Change it there first, then log in here.',
  'active-login-session-exists': 'You are logged in there too many times at once. Log out elsewhere, then try again.',
  'login-blocked': 'Too many logins failed, so further ones are blocked there for a while. Try again later.',
  'too-many-requests': 'Too many logins failed, so further ones are blocked there for a while. Try again later.',
}

function readRefusal(status: number, body: unknown): Authorization {
  const { data: told } = problem.safeParse(body)
  if (told === undefined) return { kind: 'fault', reason: `status ${status} without a problem` }
  if (told.msg.includes('OTP not provided')) return { kind: 'otp-required' }
  if (/Invalid TOTP code provided|Failed to validate OTP/.test(told.msg)) return { kind: 'refused', reason: 'otp' }
  const type = told.type.split('/').at(-1) ?? ''
  const notice = Object.hasOwn(NOTICES, type) ? NOTICES[type] : undefined
  if (notice !== undefined) return { kind: 'refused', reason: type.replaceAll('-', '_'), notice }
  return status === 401 || status === 403
    ? { kind: 'refused', reason: 'credentials' }
    : { kind: 'fault', reason: `status ${status}` }
}
