// A hostile OpenID provider for tests: the real one behind a server that alters its answers case by case. It publishes
// keys of its own and signs every ID token anew, so that each part of a token can be made wrong by itself.

import { fail } from 'node:assert/strict'
import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as sendRequest,
} from 'node:http'
import { createDemoProvider } from '../../src/cli/demo/oidc.ts'
import { listen, type OidcProviderOptions, readBody } from './oidc-provider.ts'
import { type Json, plain, type Vendor } from './vendors/vendor.ts'

export type { Json } from './vendors/vendor.ts'

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
  /** The same for the access token of a vendor whose access tokens are JWTs. */
  readonly accessToken?: (parts: TokenParts) => unknown
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
  /** The address of the server, which the issuer begins with. */
  readonly origin: string
  /** How often each address was asked, by those of oidc-provider: `GET /jwks`. */
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

export interface TamperingOptions extends OidcProviderOptions {
  /** Whom it stands in for; nobody in particular if absent. */
  readonly vendor?: Vendor
}

export async function startTamperingProvider({
  vendor = plain,
  ...options
}: TamperingOptions): Promise<TamperingProvider> {
  const front = await listen(options.port)
  const issuer = `${front.url}${vendor.issuerPath}`
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
  const asItWas = ({ url = '/' }: IncomingMessage, path: string): string => {
    const { search, searchParams } = new URL(url, front.url)
    const original = originals.get(searchParams.get('id_token_hint') ?? '')
    if (original === undefined) return `${path}${search}`
    searchParams.set('id_token_hint', original)
    return `${path}?${searchParams.toString()}`
  }
  const withOriginalToken = (sent: Buffer): Buffer => {
    const form = new URLSearchParams(sent.toString())
    const original = originals.get(form.get('token') ?? '')
    if (original === undefined) return sent
    form.set('token', original)
    return Buffer.from(form.toString())
  }
  const withOriginalBearer = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
    const original = originals.get(headers.authorization?.replace(/^Bearer /, '') ?? '')
    return original === undefined ? headers : { ...headers, authorization: `Bearer ${original}` }
  }

  const ownPaths = new Map(Object.entries(vendor.paths).map(([inner, own]) => [inner, `${vendor.issuerPath}${own}`]))
  const innerPaths = new Map([...ownPaths].map(([inner, own]) => [own, inner]))
  innerPaths.set(`${vendor.issuerPath}${DISCOVERY}`, DISCOVERY)

  /** The discovery document with the vendor's addresses and words. */
  const published = (document: Json): Json => {
    const moved = Object.entries(document).map(([name, value]) => {
      const own = typeof value === 'string' ? ownPaths.get(value.replace(front.url, '')) : undefined
      return [name, own === undefined ? value : `${front.url}${own}`]
    })
    return { ...Object.fromEntries(moved), issuer, ...vendor.discovery }
  }

  const accountOf = (sub: unknown) =>
    options.accounts.find(({ username }) => username === sub) ?? fail(`nobody is called ${String(sub)}`)

  /** What goes back to the client through the browser names the vendor's issuer, or none. */
  const withOwnIssuer = (location: string): string => {
    const url = new URL(location, front.url)
    if (url.origin === front.url || !url.searchParams.has('iss')) return location
    if (
      published({ authorization_response_iss_parameter_supported: true }).authorization_response_iss_parameter_supported
    )
      url.searchParams.set('iss', issuer)
    else url.searchParams.delete('iss')
    return url.href
  }

  const createAccessToken = (original: string, idToken: string): unknown => {
    if (vendor.accessToken === undefined) return original
    const { payload } = readParts(idToken)
    const { sub, aud, iat, exp } = payload
    const said = vendor.accessToken(accountOf(sub))
    const who = { iss: issuer, sub: vendor.subjectOf(String(sub)), azp: aud, iat, exp, jti: original }
    const parts = { header: { alg: 'RS256', typ: 'JWT', kid: key.kid }, payload: { ...who, ...said } }
    const token = tampering.accessToken === undefined ? signToken(parts, key) : tampering.accessToken(parts)
    if (typeof token === 'string' && token !== '') originals.set(token, original)
    return token
  }

  const alter = (path: string, body: Json, request: IncomingMessage): unknown => {
    switch (path) {
      case DISCOVERY:
        return tampering.discovery?.(published(body)) ?? published(body)
      case '/jwks': {
        const set = { keys: [key.publicJwk] }
        return tampering.jwks?.(set) ?? set
      }
      case '/token': {
        const { id_token: idToken, access_token: original } = body
        const signed =
          typeof idToken === 'string'
            ? { ...body, id_token: resign(idToken), access_token: createAccessToken(String(original), idToken) }
            : body
        return tampering.token?.(signed, request) ?? signed
      }
      case '/me': {
        const claims = vendor.userinfo({ ...body, sub: vendor.subjectOf(String(body.sub)) }, accountOf(body.sub))
        return tampering.userinfo?.(claims, request) ?? claims
      }
      default:
        return body
    }
  }

  /** As oidc-provider made them, but for the key, the issuer and the subject. */
  const partsOf = (token: string): TokenParts => {
    const { header, payload } = readParts(token)
    const sub = typeof payload.sub === 'string' ? { sub: vendor.subjectOf(payload.sub) } : {}
    return { header: { ...header, alg: 'RS256', kid: key.kid }, payload: { ...payload, iss: issuer, ...sub } }
  }

  const resign = (idToken: string): unknown => {
    const { header, payload } = partsOf(idToken)
    const parts = { header, payload: vendor.idToken(payload, accountOf(readParts(idToken).payload.sub)) }
    const resigned = tampering.idToken === undefined ? signToken(parts, key) : tampering.idToken(parts)
    if (typeof resigned === 'string' && resigned !== '') originals.set(resigned, idToken)
    return resigned
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = new URL(request.url ?? '/', front.url).pathname
    const pathname = innerPaths.get(asked) ?? asked
    calls.set(`${request.method} ${pathname}`, (calls.get(`${request.method} ${pathname}`) ?? 0) + 1)
    const instead = tampering.instead?.(pathname)
    if (instead !== undefined) return sendRaw(response, instead)
    const sent = await readBody(request)
    const body = withOriginalToken(sent)
    const inner = await forward(`${back.url}${asItWas(request, pathname)}`, {
      method: request.method,
      headers: { ...withOriginalBearer(request.headers), ...(sent.length > 0 && { 'content-length': body.length }) },
      body,
    })
    if (pathname === '/token') noteRefresh(new URLSearchParams(sent.toString()), inner.statusCode === 200)
    const isJson = /^application\/(?:jwk-set\+)?json/.test(inner.headers['content-type'] ?? '')
    const given = await readBody(inner)
    if (!isJson || !ALTERED.has(pathname) || inner.statusCode !== 200) {
      const { location } = inner.headers
      const headers = inner.rawHeaders.map((value) => (value === location ? withOwnIssuer(location) : value))
      response.writeHead(inner.statusCode ?? 500, headers)
      response.end(given)
      return
    }
    const altered = alter(pathname, JSON.parse(given.toString()) as Json, request)
    if (altered instanceof RawAnswer) return sendRaw(response, altered)
    sendRaw(response, new RawAnswer(200, JSON_HEADERS, typeof altered === 'string' ? altered : JSON.stringify(altered)))
  }

  front.serve((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  return {
    issuer,
    origin: front.url,
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

const DISCOVERY = '/.well-known/openid-configuration'
const ALTERED: ReadonlySet<string> = new Set([DISCOVERY, '/jwks', '/token', '/me'])

interface Forwarded {
  readonly method: string | undefined
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

/** Hands the request to the real provider, which is to think that it was asked directly. */
const forward = (url: string, { method, headers, body }: Forwarded): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const inner = sendRequest(url, { method, headers }, resolve)
    inner.on('error', reject)
    inner.end(body)
  })

const readParts = (token: string): TokenParts => {
  const [header = '', payload = ''] = token.split('.')
  return { header: decodeJson(header), payload: decodeJson(payload) }
}

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
