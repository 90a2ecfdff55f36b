// A real OpenID provider on loopback for tests, and somebody to log in there: a small HTTP client with a cookie jar that
// follows the provider's redirects and fills in its login form. It stops at the gateway's callback.

import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Secret } from '#kernel'
import {
  createDemoProvider,
  type DemoProviderOptions,
  type ProviderAccount,
  type ProviderClient,
} from '../../src/cli/demo/oidc.ts'

export interface OidcProviderOptions {
  /** Kept by reference: who is taken out can neither log in nor refresh, and whose groups change has others at once. */
  readonly accounts: readonly ProviderAccount[]
  readonly clients: readonly ProviderClient[]
  readonly port?: number
  readonly accessTokenSeconds?: number
  /** Carries its announced logouts to the clients, in place of a plain request. */
  readonly announce?: NonNullable<DemoProviderOptions['announce']>
}

export interface OidcProvider {
  readonly issuer: string
  /** How often a path was asked for: `POST /token`. */
  readonly calls: ReadonlyMap<string, number>
  /** The queries of all authorization requests, in order. */
  readonly authorizations: readonly URLSearchParams[]
  readonly close: () => Promise<void>
}

export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProvider> {
  const server = await listen(options.port)
  const provider = await createDemoProvider({ issuer: server.url, ...options })
  const calls = new Map<string, number>()
  const authorizations: URLSearchParams[] = []
  server.serve((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', server.url)
    const call = `${request.method} ${pathname}`
    calls.set(call, (calls.get(call) ?? 0) + 1)
    if (pathname === '/auth') authorizations.push(searchParams)
    void provider.handle(request, response)
  })
  return Object.freeze({ issuer: server.url, calls, authorizations, close: server.close })
}

/** Personas: `ada` (user), `grace` (admin), `mallory` (hostile). Passwords carry a mark that no log may show. */
export const createAccounts = (): ProviderAccount[] =>
  ['ada', 'grace', 'mallory'].map((username) => ({
    username,
    displayName: `${username[0]?.toUpperCase()}${username.slice(1)}`,
    email: `${username}@example.org`,
    groups: username === 'grace' ? ['lab', 'admins'] : ['lab'],
    password: new Secret(`CANARY-password-${username}`),
  }))

export interface ProviderVisitor {
  /**
   * Goes where the gateway sends the browser, logs in if asked, and comes back.
   * @returns the URL at the gateway to which the provider redirects
   */
  login(authorizationUrl: string, account: Pick<ProviderAccount, 'username' | 'password'>): Promise<URL>
  /**
   * Logs out there, for all clients of the provider.
   * @param url where the gateway sends the browser; the provider's own page if absent
   * @returns where the provider sends the browser at the end
   */
  logout(url?: string): Promise<URL>
}

/** A browser's visits to one provider; keeps its cookies, so a second login is not asked for the password. */
export function createProviderVisitor(issuer: string): ProviderVisitor {
  const { origin } = new URL(issuer)
  const cookies = new Map<string, string>()

  const send = async (url: URL, form?: URLSearchParams): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const post = form === undefined ? {} : { method: 'POST', body: form }
    const response = await fetch(url, { ...post, headers: { cookie }, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  return Object.freeze({
    async login(authorizationUrl: string, account: Pick<ProviderAccount, 'username' | 'password'>) {
      let url = new URL(authorizationUrl)
      let form: URLSearchParams | undefined
      for (let step = 0; step < 10; step += 1) {
        const response = await send(url, form)
        const location = response.headers.get('location')
        form = undefined
        if (location !== null) {
          url = new URL(location, url)
          if (url.origin !== origin) return url
        } else if (url.pathname.startsWith('/interaction/') && response.status === 200) {
          form = new URLSearchParams({ username: account.username, password: account.password.reveal() })
        } else throw new Error(`the provider answered ${response.status} at ${url.pathname}: ${await response.text()}`)
      }
      throw new Error('the provider does not come to an end')
    },
    async logout(url = `${origin}/session/end`) {
      const page = await (await send(new URL(url))).text()
      const [, action] = /action="([^"]+)"/.exec(page) ?? []
      const [, xsrf] = /name="xsrf" value="([^"]+)"/.exec(page) ?? []
      if (action === undefined || xsrf === undefined) throw new Error(`the provider shows no logout form: ${page}`)
      const answer = await send(new URL(action, origin), new URLSearchParams({ xsrf, logout: 'yes' }))
      const location = answer.headers.get('location')
      if (location === null) throw new Error(`the provider answered ${answer.status} to a logout`)
      return new URL(location, origin)
    },
  })
}

export interface ListeningServer {
  /** Without a slash at the end. */
  readonly url: string
  serve(listener: RequestListener): void
  close(): Promise<void>
}

/** Takes a port of 127.0.0.1 first, because the one who is to answer there must know it. */
export async function listen(port = 0): Promise<ListeningServer> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, resolve)
  })
  const address = server.address() as AddressInfo
  return Object.freeze({
    url: `http://127.0.0.1:${address.port}`,
    serve: (listener: RequestListener) => void server.on('request', listener),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
