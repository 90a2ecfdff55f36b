// Decides of a request whose it is, as a Manager does: by its token, or else by its signature. Looks at every proof that
// came, and answers with all that it looked at, so that a failed test shows why.

import {
  isSignatureOf,
  parseAuthorization,
  type SignedParts,
  stringToSign,
} from '../../../src/cli/demo/manager/hmac.ts'
import { checkToken, type TokenClaims } from '../../../src/cli/demo/manager/token.ts'
import type { ReceivedHead } from './received-request.ts'

/** What one proof came to. */
export type Proof =
  | { readonly isValid: true; readonly accessKey: string }
  | { readonly isValid: false; readonly type: 'auth-failed' | 'invalid-auth-params'; readonly because: string }

export interface Verification {
  /** Of `Authorization`, if there was one. */
  readonly hmac?: Proof & { readonly signedString?: string }
  /** Of `X-BackendAI-Token`, if there was one. */
  readonly token?: Proof & { readonly claims?: TokenClaims }
}

export interface VerifyDeps {
  readonly findSecretKey: (accessKey: string) => string | undefined
  readonly nowMs: number
}

export function verify(head: ReceivedHead, deps: VerifyDeps): Verification {
  const [authorization, token] = [head.all('authorization'), head.all('x-backendai-token')]
  return {
    ...(authorization.length > 0 && { hmac: verifySignature(head, authorization, deps) }),
    ...(token.length > 0 && { token: verifyToken(token, deps) }),
  }
}

/** Every proof holds, and they speak of the same keypair; one at least. */
export function isVerified({ hmac, token }: Verification): boolean {
  const proofs = [hmac, token].filter((proof) => proof !== undefined)
  const keys = new Set(proofs.map((proof) => (proof.isValid ? proof.accessKey : undefined)))
  return keys.size === 1 && !keys.has(undefined)
}

/** The one that counts for a Manager: it looks at the signature only where there is no token. */
export const decisiveProof = ({ hmac, token }: Verification): Proof =>
  token ?? hmac ?? failed('The request carries no proof of whose it is.')

function verifyToken(values: readonly string[], deps: VerifyDeps): NonNullable<Verification['token']> {
  if (values.length > 1) return malformed('There is more than one X-BackendAI-Token.')
  const check = checkToken(values[0] ?? '', deps)
  return check.isValid
    ? { isValid: true, accessKey: check.claims.access_key, claims: check.claims }
    : failed(check.because)
}

const coveredHeaders = ['authorization', 'date', 'host', 'content-type', 'x-backendai-version', 'x-forwarded-url']
const windowMs = 15 * 60_000

function verifySignature(
  head: ReceivedHead,
  [authorization = '']: readonly string[],
  { findSecretKey, nowMs }: VerifyDeps,
): NonNullable<Verification['hmac']> {
  const repeated = coveredHeaders.find((name) => head.all(name).length > 1)
  if (repeated !== undefined) return malformed(`The header ${repeated} stands more than once.`)
  const credential = parseAuthorization(authorization)
  if (credential === undefined) return malformed('The Authorization is not of the form of signed requests.')
  const parts = signedParts(head)
  const dateMs = parseDate(parts.date)
  if (dateMs === undefined) return malformed('The date is no time of ISO 8601 with an offset.')
  if (parts.version === '') return malformed('There is no X-BackendAI-Version.')
  const signedString = stringToSign(parts)
  const refuse = (because: string) => ({ ...failed(because), signedString })
  if (Math.abs(dateMs - nowMs) > windowMs) return refuse('The date is more than 15 minutes from now.')
  const secretKey = findSecretKey(credential.accessKey)
  if (secretKey === undefined) return refuse('Nobody has this access key.')
  if (!isSignatureOf(credential.signature, parts, secretKey)) return refuse('The signature does not cover these lines.')
  return { isValid: true, accessKey: credential.accessKey, signedString }
}

/** A proxy that changed host or path says what they were. */
function signedParts(head: ReceivedHead): SignedParts {
  const first = (name: string) => head.all(name)[0]
  const { host = first('host') ?? '', target = head.target } = readForwardedUrl(first('x-forwarded-url'))
  return {
    method: head.method,
    target,
    host,
    date: first('date') ?? first('x-backendai-date') ?? '',
    contentType: first('content-type'),
    version: first('x-backendai-version') ?? '',
  }
}

function readForwardedUrl(url: string | undefined): { host?: string; target?: string } {
  const [, host, target] = /^https?:\/\/([^/]+)(\/.*)$/.exec(url ?? '') ?? []
  return host === undefined || target === undefined ? {} : { host, target }
}

function parseDate(text: string): number | undefined {
  const isForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.test(text)
  const ms = isForm ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

const malformed = (because: string) => ({ isValid: false, type: 'invalid-auth-params', because }) as const

const failed = (because: string) => ({ isValid: false, type: 'auth-failed', because }) as const
