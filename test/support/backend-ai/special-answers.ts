// Answers that a gateway must pass on as they are, each at an address of its own, so that a test asks for them through it.
//
//   /test/status/N     that status, with the Manager's problem from 400 on and a Location from 300 on
//   /test/cookies      two Set-Cookie, and another header twice
//   /test/gzip         gzip, whether asked for or not
//   /test/bytes/N      N bytes, in pieces, as fast as they are read
//   /test/rate-limit   the Manager's X-RateLimit headers
//   /test/hop-by-hop   headers that are for the next hop only, and Server
//   /test/cors         an Access-Control-Allow-Origin of its own

import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { problemType, toProblemBody } from './answers.ts'
import { at, type Exchange, type Route } from './route.ts'

export const specialRoutes: readonly Route[] = [
  special('/test/status/{}', ({ path, response }) => sendStatus(response, lastNumber(path))),
  special('/test/bytes/{}', ({ path, response }) => sendBytes(response, lastNumber(path))),
  special('/test/gzip', ({ response }) => sendText(response, { 'Content-Encoding': 'gzip' }, gzipSync('zipped'))),
  special('/test/cookies', ({ response }) =>
    sendText(response, { 'Set-Cookie': ['a=1; Path=/', 'b=2; Path=/'], 'X-Twice': ['1', '2'] }),
  ),
  special('/test/rate-limit', ({ response }) =>
    sendText(response, { 'X-RateLimit-Limit': '1000', 'X-RateLimit-Remaining': '999', 'X-RateLimit-Window': '900' }),
  ),
  special('/test/hop-by-hop', ({ response }) => sendText(response, hopByHop)),
  special('/test/cors', ({ response }) => sendText(response, { 'Access-Control-Allow-Origin': '*' })),
]

function special(path: string, answer: (exchange: Exchange) => void): Route {
  return {
    name: path,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
    path: at(path),
    access: 'proved',
    answer,
  }
}

type Headers = Readonly<Record<string, string | string[]>>

const hopByHop: Headers = {
  Connection: 'keep-alive, X-Hop',
  'X-Hop': '1',
  'Keep-Alive': 'timeout=5',
  'Proxy-Authenticate': 'Basic',
  TE: 'trailers',
  Server: 'stand-in',
}

const lastNumber = (path: string): number => Number(path.split('/').at(-1))

function sendText(response: ServerResponse, headers: Headers, body: string | Buffer = 'ok'): void {
  const own = { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(body) }
  response.writeHead(200, { ...own, ...headers })
  response.end(body)
}

function sendStatus(response: ServerResponse, status: number): void {
  const problem = JSON.stringify(toProblemBody(problemOf(status)))
  const isRedirect = status >= 300 && status < 400
  response.writeHead(status, {
    ...(isRedirect && { Location: '/elsewhere?a=1' }),
    ...(status >= 400 && { 'Content-Type': problemType, 'Content-Length': Buffer.byteLength(problem) }),
  })
  response.end(status >= 400 ? problem : undefined)
}

const titles: Readonly<Record<number, readonly [type: string, title: string]>> = {
  400: ['generic-bad-request', 'Bad request.'],
  401: ['auth-failed', 'Credential/signature mismatch.'],
  403: ['generic-forbidden', 'Forbidden operation.'],
  404: ['generic-not-found', 'Not Found'],
  429: ['rate-limit-exceeded', 'You have reached your API query rate limit.'],
  500: ['internal-server-error', 'Internal server error.'],
}

function problemOf(status: number) {
  const [type, title] = titles[status] ?? ['generic', `Status ${status}.`]
  return { status, type, title, msg: `asked for ${status}` }
}

function sendBytes(response: ServerResponse, bytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 'abcdefgh')
  const pieces = function* () {
    for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left)
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes })
  Readable.from(pieces()).pipe(response)
}
