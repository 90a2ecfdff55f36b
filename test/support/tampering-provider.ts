// A hostile OpenID provider for tests: the real one behind a server that alters its answers case by case. It publishes
// keys of its own and signs every ID token anew, so that each part of a token can be made wrong by itself.

import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http'
import { createDemoProvider } from '../../src/cli/demo/oidc.ts'
import { listen, type OidcProviderOptions, readBody } from './oidc-provider.ts'

export type Json = Record<string, unknown>

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  /** As in a key set. */
  readonly publicJwk: Json
  readonly publicPem: string
}

export interface TokenParts {
  readonly header: Json
  readonly payload: Json
}

/** What one case alters. Each function gets what is true and returns what is sent instead. */
export interface Tampering {
  readonly discovery?: (document: Json) => unknown
  readonly jwks?: (set: { readonly keys: readonly Json[] }) => unknown
  readonly token?: (body: Json, request: IncomingMessage) => unknown
  readonly userinfo?: (body: Json, request: IncomingMessage) => unknown
  /** Answers in the provider's place, which never hears of the request. */
  readonly instead?: (path: string) => RawAnswer | undefined
  /** Makes the ID token; without it, a good one is made. */
  readonly idToken?: (parts: TokenParts) => unknown
  /** The same for the logout token. */
  readonly logoutToken?: (parts: TokenParts) => string
}

/** A whole answer; whatever else a case returns is sent as JSON, or as it is if it is text. */
export class RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  readonly hangs: boolean

  constructor(
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body: string | Buffer = '',
    hangs = false,
  ) {
    this.status = status
    this.headers = headers
    this.body = body
    this.hangs = hangs
  }
}

export interface TamperingProvider {
  readonly issuer: string
  /** The key that signs, unless a case says otherwise. */
  readonly key: SigningKey
  /** Replaces the signing key and what is published. */
  rotate(key: SigningKey): void
  /** What the next answers are altered by; nothing by default. */
  tamper(tampering: Tampering): void
  /** How often each address was asked: `GET /jwks`. */
  readonly calls: Map<string, number>
  /** Refresh tokens as they were presented, in order, and whether the provider took them. */
  readonly refreshes: readonly Refresh[]
  /** What clients answered to the logouts that were announced to them, in order. */
  readonly announced: readonly Announced[]
  readonly close: () => Promise<void>
}

export interface Refresh {
  readonly token: string
  /** Of `performance.now()`. */
  readonly atMs: number
  readonly isTaken: boolean
}

export interface Announced {
  readonly logoutToken: string
  readonly status: number
  readonly headers: Headers
}

export async function startTamperingProvider(options: OidcProviderOptions): Promise<TamperingProvider> {
  const front = await listen(options.port)
  const back = await listen()
  const announced: Announced[] = []
  const provider = await createDemoProvider({
    issuer: front.url,
    announce: async (url, token) => {
      const parts = partsOf(token)
      const logoutToken = tampering.logoutToken?.(parts) ?? signToken(parts, key)
      const body = new URLSearchParams({ logout_token: logoutToken })
      const answer = await fetch(url, { method: 'POST', redirect: 'manual', body })
      announced.push({ logoutToken, status: answer.status, headers: answer.headers })
      return answer
    },
    ...options,
  })
  back.serve((request, response) => void provider.handle(request, response))

  const calls = new Map<string, number>()
  let tampering: Tampering = {}
  let key = createRsaKey('main')

  const refreshes: Refresh[] = []
  const noteRefresh = (form: URLSearchParams, isTaken: boolean): void => {
    const token = form.get('refresh_token')
    if (token !== null) refreshes.push({ token, atMs: performance.now(), isTaken })
  }

  /** The provider knows its own tokens only: what a client hands back is exchanged for what it was made of. */
  const originals = new Map<string, string>()
  const asItWas = (request: IncomingMessage): string => {
    const target = request.url ?? '/'
    const { pathname, searchParams } = new URL(target, front.url)
    const original = originals.get(searchParams.get('id_token_hint') ?? '')
    if (original === undefined) return target
    searchParams.set('id_token_hint', original)
    return `${pathname}?${searchParams.toString()}`
  }

  const alter = (path: string, body: Json, request: IncomingMessage): unknown => {
    switch (path) {
      case '/.well-known/openid-configuration':
        return tampering.discovery?.(body) ?? body
      case '/jwks': {
        const set = { keys: [key.publicJwk] }
        return tampering.jwks?.(set) ?? set
      }
      case '/token': {
        const signed = typeof body.id_token === 'string' ? { ...body, id_token: resign(body.id_token) } : body
        return tampering.token?.(signed, request) ?? signed
      }
      case '/me':
        return tampering.userinfo?.(body, request) ?? body
      default:
        return body
    }
  }

  const partsOf = (token: string): TokenParts => {
    const [header = '', payload = ''] = token.split('.')
    return { header: { ...decodeJson(header), alg: 'RS256', kid: key.kid }, payload: decodeJson(payload) }
  }

  const resign = (idToken: string): unknown => {
    const parts = partsOf(idToken)
    const resigned = tampering.idToken === undefined ? signToken(parts, key) : tampering.idToken(parts)
    if (typeof resigned === 'string') originals.set(resigned, idToken)
    return resigned
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', front.url)
    calls.set(`${request.method} ${pathname}`, (calls.get(`${request.method} ${pathname}`) ?? 0) + 1)
    const instead = tampering.instead?.(pathname)
    if (instead !== undefined) return sendRaw(response, instead)
    const sent = await readBody(request)
    const inner = await forward(`${back.url}${asItWas(request)}`, request, sent)
    if (pathname === '/token') noteRefresh(new URLSearchParams(sent.toString()), inner.statusCode === 200)
    const isJson = /^application\/(?:jwk-set\+)?json/.test(inner.headers['content-type'] ?? '')
    const body = await readBody(inner)
    if (!isJson || !ALTERED.has(pathname) || inner.statusCode !== 200) {
      response.writeHead(inner.statusCode ?? 500, inner.rawHeaders)
      response.end(body)
      return
    }
    const altered = alter(pathname, JSON.parse(body.toString()) as Json, request)
    if (altered instanceof RawAnswer) return sendRaw(response, altered)
    sendRaw(response, new RawAnswer(200, JSON_HEADERS, typeof altered === 'string' ? altered : JSON.stringify(altered)))
  }

  front.serve((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  return {
    issuer: front.url,
    get key() {
      return key
    },
    rotate: (next) => {
      key = next
    },
    tamper: (next) => {
      tampering = next
    },
    calls,
    announced,
    refreshes,
    close: async () => void (await Promise.all([front.close(), back.close()])),
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' }

function sendRaw(response: ServerResponse, { status, headers, body, hangs }: RawAnswer): void {
  if (hangs) return
  response.writeHead(status, headers)
  response.end(body)
}

const ALTERED: ReadonlySet<string> = new Set(['/.well-known/openid-configuration', '/jwks', '/token', '/me'])

/** Hands the request to the real provider, which is to think that it was asked directly. */
const forward = (url: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const inner = sendRequest(url, { method: request.method, headers: request.headers }, resolve)
    inner.on('error', reject)
    inner.end(body)
  })

export function createRsaKey(kid: string, bits = 2048): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return toSigningKey(kid, privateKey, publicKey, 'RS256')
}

export function createEcKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return toSigningKey(kid, privateKey, publicKey, 'ES256')
}

const toSigningKey = (kid: string, privateKey: KeyObject, publicKey: KeyObject, alg: string): SigningKey => ({
  kid,
  privateKey,
  publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  publicPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }),
})

/** Signs as the header's `alg` says, whatever else the header says. A symmetric `alg` needs a text as key. */
export const signToken = ({ header, payload }: TokenParts, key: SigningKey | string): string =>
  signEncoded(`${encodeJson(header)}.${encodeJson(payload)}`, String(header.alg), key)

/** The same for parts that are encoded already, and may be no JSON at all. */
export const signEncoded = (input: string, alg: string, key: SigningKey | string): string =>
  `${input}.${signInput(input, alg, key)}`

function signInput(input: string, alg: string, key: SigningKey | string): string {
  const digest = `sha${alg.slice(2)}`
  if (typeof key === 'string') return createHmac(digest, key).update(input).digest('base64url')
  const { privateKey } = key
  const options = alg.startsWith('PS')
    ? { key: privateKey, padding: 6, saltLength: Number(alg.slice(2)) / 8 }
    : { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
  return sign(digest, Buffer.from(input), options).toString('base64url')
}

export const encodeJson = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const decodeJson = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json
