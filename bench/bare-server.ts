// The least that a proxy or an answer costs in this runtime: node:http, and undici's dispatch where it forwards, with
// nothing checked, signed, logged or counted.
//
//   node bench/bare-server.ts PORT [UPSTREAM]

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool } from 'undici'

const [port, upstream] = process.argv.slice(2)
const options = { noDelay: true, optimizeEmptyRequests: true }
createServer(options, upstream === undefined ? answer : forwardTo(upstream)).listen(Number(port), '127.0.0.1')

function answer(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(204).end()
}

function forwardTo(origin: string) {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 })
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { method = 'GET', url: path = '/', rawHeaders } = request
    const headers = rawHeaders.filter((_, index) => !isLeftOut(rawHeaders[index - (index % 2)]))
    pool.dispatch(
      { method, path, headers },
      {
        onRequestStart() {},
        onResponseStart(_controller, status, received) {
          const kept = Object.entries(received).filter(([name]) => !isLeftOut(name))
          response.writeHead(status, Object.fromEntries(kept))
        },
        onResponseData: (_controller, chunk) => void response.write(chunk),
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    )
  }
}

const isLeftOut = (name = ''): boolean => /^(?:host|connection|keep-alive)$/i.test(name)
