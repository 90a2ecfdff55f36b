// A webserver just large enough to try the page without a gateway: answers as the protocol says, and notes the calls.

import { createDecipheriv } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Manager } from '../../index.ts'
import { webUiDirectory } from '../index.ts'
import { forward } from './forward.ts'
import { createSessions } from './sessions.ts'

export interface FrontCall {
  readonly call: string
  readonly headers: IncomingHttpHeaders
  /** Decoded. */
  readonly body: string
}

export interface TestFront extends AsyncDisposable {
  readonly url: string
  /** What the page asked of `/config.toml`, `/func/` and `/server/`, in order. */
  readonly calls: readonly FrontCall[]
}

export interface FrontOptions {
  readonly manager: Manager
  /** Whether a failed login has the Manager's status, as from 26.4 on. */
  readonly passesStatus: boolean
}

export async function startTestFront({ manager, passesStatus }: FrontOptions): Promise<TestFront> {
  const sessions = createSessions(manager, passesStatus)
  const calls: FrontCall[] = []
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: target = '/', headers } = incoming
    const path = target.replace(/\?.*/, '')
    if (!/^\/(config\.toml|func\/|server\/)/.test(path)) return sendFile(response, path)
    const raw = (await buffer(incoming)).toString()
    const body = headers['x-backendai-encoded'] === 'true' ? decode(url, raw) : raw
    calls.push({ call: `${method} ${target}`, headers, body })
    const sessionId = sessionIdOf(headers)
    if (path === '/config.toml') response.end(configText(url))
    else if (path.startsWith('/func/')) {
      const sent = { method, target: target.slice('/func'.length), contentType: headers['content-type'], body }
      await forward(manager, sessions.find(sessionId), sent, response)
    } else await sessions.answer(path, JSON.parse(body) as Record<string, unknown>, sessionId, response)
  }
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return Object.freeze({ url, calls, [Symbol.asyncDispose]: close })
}

const sessionIdOf = (headers: IncomingHttpHeaders): string =>
  String(headers['x-backendai-sessionid'] ?? /AIOHTTP_SESSION=(\w+)/.exec(headers.cookie ?? '')?.[1] ?? '')

function decode(endpoint: string, body: string): string {
  const [iv = '', hidden = ''] = body.split(':')
  const key = (Buffer.from(endpoint).toString('base64') + iv + iv).slice(0, 32)
  const decipher = createDecipheriv('aes-256-cbc', key, iv)
  return decipher.update(hidden, 'base64', 'utf8') + decipher.final('utf8')
}

const configText = (url: string): string =>
  [
    '[general]',
    `apiEndpoint = "${url}"`,
    '# defaultSessionEnvironment = ',
    'enableExtendLoginSession = true',
    'singleSignOnVendors = "saml,openid"',
    '[resources]',
    'maxShmPerContainer = 2.0',
  ].join('\n')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
}

function sendFile(response: ServerResponse, path: string): void {
  const file = path === '/' ? '/index.html' : path
  response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/plain' })
  response.end(readFileSync(join(webUiDirectory, file)))
}
