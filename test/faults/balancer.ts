// A balancer as sites put before several nodes: it asks each for its readiness every 50 ms, sends what comes to those that
// are ready, in turn, over connections that it keeps, and repeats nothing.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'

export interface Balancer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  /** How many are ready now. */
  readonly ready: number
  /** Resolves when it has been found ready. */
  add(nodeUrl: string): Promise<void>
}

interface Node {
  readonly pool: Pool
  isReady: boolean
}

export async function startBalancer(): Promise<Balancer> {
  const nodes = new Set<Node>()
  let turn = 0
  const server = createServer((request, response) => {
    const ready = [...nodes].filter(({ isReady }) => isReady)
    const node = ready[turn++ % ready.length]
    if (node === undefined) response.writeHead(503).end('no node is ready')
    else void forward(node.pool, request, response).catch((error: Error) => fail(response, error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  /** Until it is gone. */
  const watch = async (node: Node, found: () => void): Promise<void> => {
    while (nodes.has(node)) {
      const wasReady = node.isReady
      node.isReady = await isReady(node.pool)
      if (node.isReady) found()
      // A node that comes back has another address: what it has is answered, and that is all.
      if (wasReady && !node.isReady) {
        nodes.delete(node)
        await node.pool.close()
        return
      }
      await pause(50)
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get ready() {
      return [...nodes].filter(({ isReady }) => isReady).length
    },
    add: (nodeUrl) =>
      new Promise((found) => {
        const node = { pool: new Pool(nodeUrl, { connections: 64, pipelining: 1 }), isReady: false }
        nodes.add(node)
        void watch(node, found)
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      const left = [...nodes]
      nodes.clear()
      await Promise.all(left.map(({ pool }) => pool.destroy()))
    },
  }
}

async function isReady(pool: Pool): Promise<boolean> {
  try {
    const { statusCode, body } = await pool.request({ path: '/readyz', method: 'GET' })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}

async function forward(pool: Pool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await pool.request({
    path: request.url ?? '/',
    method: 'GET',
    headers: { host: request.headers.host ?? '' },
  })
  response.writeHead(answer.statusCode)
  await pipeline(answer.body, response)
}

function fail(response: ServerResponse, error: Error): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(502).end(String(error))
}
