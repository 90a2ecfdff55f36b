// Servers of others that say which requests they read in given bytes, each with a parser of its own.

import { createServer } from 'node:http'
import { isMissing, type Missing, startCaddy, startNginx } from './programs.ts'
import { sendRaw } from './raw-http.ts'

export interface RequestReader extends AsyncDisposable {
  readonly name: string
  /** @returns the method and the target of each, in order; the last one is `END` if what is before it was whole */
  read(bytes: Uint8Array): Promise<readonly string[]>
}

/** Is behind whatever is read: who has lost count reads another request, or none. */
export const END = 'GET /the-end'

/** llhttp, nginx, and net/http of Go. */
export async function startRequestReaders(): Promise<readonly RequestReader[] | Missing> {
  const nginx = await startNginx(
    ({ port }) =>
      `server { listen 127.0.0.1:${port}; merge_slashes off; location / { add_header X-Read "$request_method $request_uri" always; return 200; } }`,
  )
  if (isMissing(nginx)) return nginx
  const caddy = await startCaddy(
    ({ port }) =>
      `http://127.0.0.1:${port} {\n\theader X-Read "{http.request.method} {http.request.orig_uri}"\n\trespond 200\n}\n`,
  )
  if (isMissing(caddy)) {
    await nginx.stop()
    return caddy
  }
  return [
    await startNode(),
    readerOf('nginx', nginx.port, nginx.stop),
    readerOf('net/http of Go', caddy.port, caddy.stop),
  ]
}

async function startNode(): Promise<RequestReader> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.setHeader('X-Read', `${request.method} ${request.url}`).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return readerOf('llhttp', port, () => new Promise((resolve) => void server.close(() => resolve())))
}

const readerOf = (name: string, port: number, stop: () => Promise<void>): RequestReader => ({
  name,
  async read(bytes) {
    const end = Buffer.from(`${END} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
    const { text } = await sendRaw(port, Buffer.concat([bytes, end]))
    return [...text.matchAll(/^x-read: (.*)\r$/gim)].map(([, read = '']) => read)
  },
  [Symbol.asyncDispose]: stop,
})
