// What every proxy of a run forwards to: nginx, in a process of its own, with a small answer and a large file. And the
// stand-in for the Manager's login, in this process, because only logging in touches it.

import { closeSync, ftruncateSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isMissing, startNginx } from '../test/support/programs.ts'

export const LARGE_BYTES = 64 * 1024 * 1024

/** Where the upstream's answers are, on it and on each proxy. */
export const PREFIX = '/api/manager/'

export interface Upstream {
  readonly url: string
  /** The Manager that the gateway logs people in at. */
  readonly managerUrl: string
  stop(): Promise<void>
}

export async function startUpstream(): Promise<Upstream> {
  const manager = await startManager()
  const nginx = await startNginx(({ port, directory }) => {
    makeLargeFile(join(directory, 'large'))
    return upstreamConfiguration(port, directory, manager.url)
  })
  if (isMissing(nginx)) throw new Error(nginx.missing)
  return {
    url: nginx.url,
    managerUrl: manager.url,
    async stop() {
      await nginx.stop()
      manager.stop()
    },
  }
}

/** Holes read as zeros, from memory: the disk has no part in the measurement. */
function makeLargeFile(path: string): void {
  const file = openSync(path, 'w')
  ftruncateSync(file, LARGE_BYTES)
  closeSync(file)
}

const upstreamConfiguration = (port: number, directory: string, managerUrl: string): string => `
  sendfile on;
  keepalive_requests 10000000;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    default_type application/json;
    location = ${PREFIX}small { return 200 '{"folders":[{"id":"a1","name":"data","host":"local:volume1","permission":"rw"}]}'; }
    location = ${PREFIX}authorization { return 200 '$http_authorization'; }
    location = ${PREFIX} { proxy_pass ${managerUrl}/; }
    location = ${PREFIX}auth/authorize { proxy_pass ${managerUrl}/auth/authorize; }
    location = ${PREFIX}large { alias ${directory}/large; default_type application/octet-stream; }
    location = ${PREFIX}upload {
      client_max_body_size 0;
      proxy_request_buffering off;
      proxy_http_version 1.1;
      proxy_pass ${managerUrl}${SINK};
    }
  }
`

/** Takes what comes and keeps nothing. */
const SINK = '/sink'

/** Gives every name a keypair of its own, as the authorize call does. */
async function startManager(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const server = createServer((request, response) => {
    if (request.url === SINK) return void request.resume().once('end', () => response.end('{}'))
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const answer =
        request.method === 'POST' ? authorize(Buffer.concat(chunks)) : { version: 'v9.20250722', manager: '26.2.5' }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() }
}

function authorize(body: Buffer): unknown {
  const { username } = JSON.parse(body.toString())
  const keypair = { access_key: `AK${username}`.padEnd(20, '0').slice(0, 20), secret_key: 'S'.repeat(40) }
  return { data: { response_type: 'success', role: 'user', status: 'active', type: 'keypair', ...keypair } }
}
