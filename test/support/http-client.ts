// A small HTTP client that keeps cookies as a browser would, for tests that need no browser. It follows no redirect
// unless told to, adds no header by itself, and says where a form was sent from as browsers do (Origin).

import { Agent } from 'undici'

export interface TestClient {
  /** @param target a path of the gateway's, or a full URL anywhere on this machine. */
  send(target: string, options?: SendOptions): Promise<TestAnswer>
  get(target: string, headers?: Headers): Promise<TestAnswer>
  /** Sends a form from a page of the same origin. */
  post(target: string, form?: Readonly<Record<string, string>>, headers?: Headers): Promise<TestAnswer>
  /** The same with GET, over redirects to the end. */
  follow(answer: TestAnswer): Promise<TestAnswer>
  /** What the gateway set, by name. */
  readonly cookies: ReadonlyMap<string, string>
  /** As a Cookie header for the gateway: to copy a session, or to open a WebSocket. */
  cookieHeader(): string
}

type Headers = Readonly<Record<string, string>>

export interface SendOptions {
  readonly method?: string
  readonly headers?: Headers
  readonly body?: string | Buffer
}

export interface TestAnswer {
  readonly url: string
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** @throws if the body is no JSON */
  json(): unknown
}

// One connection per request: nothing of one person's traffic may depend on another's.
const agent = new Agent({ pipelining: 0, keepAliveTimeout: 1 })

export function createClient(gatewayUrl: string): TestClient {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: URL): Map<string, string> => {
    const jar = jars.get(url.hostname) ?? new Map<string, string>()
    jars.set(url.hostname, jar)
    return jar
  }
  const resolve = (target: string): URL =>
    /^https?:/.test(target) ? new URL(target) : new URL(gatewayUrl.replace(/\/$/, '') + target)

  const send = async (target: string, options: SendOptions = {}): Promise<TestAnswer> => {
    const url = resolve(target)
    const jar = jarOf(url)
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      // Not through `new URL`, which would tidy up what a test sends on purpose.
      path: /^https?:/.test(target) ? url.pathname + url.search : basePathOf(gatewayUrl) + target,
      method: options.method ?? 'GET',
      headers: { ...(jar.size > 0 && { cookie: toCookieHeader(jar) }), ...options.headers },
      body: options.body ?? null,
    })
    for (const line of [headers['set-cookie'] ?? []].flat()) keepCookie(jar, line)
    const text = await body.text()
    return { url: url.href, status: statusCode, headers, text, json: () => JSON.parse(text) as unknown }
  }

  const get = (target: string, headers: Headers = {}) => send(target, { headers })

  return Object.freeze({
    send,
    get,
    post: (target: string, form: Readonly<Record<string, string>> = {}, headers: Headers = {}) =>
      send(target, {
        method: 'POST',
        body: new URLSearchParams(form).toString(),
        headers: {
          origin: resolve(target).origin,
          'content-type': 'application/x-www-form-urlencoded',
          ...headers,
        },
      }),
    async follow(answer: TestAnswer) {
      let current = answer
      for (let hops = 0; current.status >= 300 && current.status < 400; hops++) {
        if (hops === 20) throw new Error(`more than 20 redirects, the last one to ${String(current.headers.location)}`)
        current = await get(new URL(String(current.headers.location), current.url).href, { accept: 'text/html' })
      }
      return current
    },
    get cookies() {
      return jarOf(new URL(gatewayUrl))
    },
    cookieHeader: () => toCookieHeader(jarOf(new URL(gatewayUrl))),
  })
}

const basePathOf = (url: string): string => new URL(url).pathname.replace(/\/$/, '')

const toCookieHeader = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join('; ')

function keepCookie(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(/; ?/)
  const [, name = '', value = ''] = /^([^=]*)=(.*)$/.exec(pair) ?? []
  const isGone = attributes.some(
    (attribute) => /^max-age=0$/i.test(attribute) || /^expires=thu, 01 jan 1970/i.test(attribute),
  )
  if (isGone) jar.delete(name)
  else jar.set(name, value)
}
