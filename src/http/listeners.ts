// Opens the listening sockets: TCP (with TLS when given), unix sockets, and those that systemd passes on.

import { chmod, readFile, unlink } from 'node:fs/promises'
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ListenAddress } from '#config'

/** Paths of PEM files. */
export interface TlsFiles {
  readonly certificate: string
  readonly key: string
}

export interface ListenOptions {
  readonly addresses: readonly ListenAddress[]
  readonly tls: TlsFiles | undefined
  /** File descriptors that systemd passed (sd_listen_fds(3)): 3, 4, … */
  readonly systemdDescriptors: readonly number[]
  readonly headBytes: number
  readonly headTimeoutMs: number
  readonly keepAliveMs: number
}

export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse, isTls: boolean) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, isTls: boolean) => void
  readonly malformed: (error: NodeJS.ErrnoException, socket: Duplex) => void
}

export interface Listening {
  readonly servers: readonly Server[]
  /** `http://127.0.0.1:8080`, `unix:/run/gatehouse.sock`: for the log and for tests. */
  readonly urls: readonly string[]
}

/** Opens every address or none. @throws the system's error, e.g. EADDRINUSE, with the address in its message. */
export async function listen(options: ListenOptions, handlers: Handlers): Promise<Listening> {
  const servers: Server[] = []
  const urls: string[] = []
  const pem = options.tls === undefined ? undefined : await readPem(options.tls)
  try {
    for (const target of options.addresses.flatMap((address) => listenTargets(address, options.systemdDescriptors))) {
      const server = createServer(options, handlers, 'path' in target ? undefined : pem)
      if ('path' in target && target.path !== undefined) await removeStaleSocket(target.path)
      await opened(server, target)
      // Anyone on the machine may connect: a peer on this socket is trusted only if the operator says so.
      if ('path' in target && target.path !== undefined) await chmod(target.path, 0o660)
      servers.push(server)
      urls.push(describe(server, pem !== undefined))
    }
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
  return { servers, urls }
}

type ListenTarget =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | { readonly fd: number }

const listenTargets = (address: ListenAddress, descriptors: readonly number[]): readonly ListenTarget[] => {
  if (address.kind === 'tcp') return [{ host: address.host, port: address.port }]
  if (address.kind === 'unix') return [{ path: address.path }]
  if (descriptors.length === 0)
    throw new Error('server.listen says systemd, but systemd passed no sockets (LISTEN_FDS)')
  return descriptors.map((fd) => ({ fd }))
}

interface Pem {
  readonly cert: Buffer
  readonly key: Buffer
}

const readPem = async (files: TlsFiles): Promise<Pem> => ({
  cert: await readFile(files.certificate),
  key: await readFile(files.key),
})

function createServer(options: ListenOptions, handlers: Handlers, pem: Pem | undefined): Server {
  const isTls = pem !== undefined
  const settings = {
    maxHeaderSize: options.headBytes,
    headersTimeout: options.headTimeoutMs,
    // Bodies have limits of their own: an upload may take hours.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1_000, options.headTimeoutMs),
    keepAliveTimeout: options.keepAliveMs,
    noDelay: true,
    insecureHTTPParser: false,
    // findFramingFault says it, and closes the connection as well.
    requireHostHeader: false,
    // Only WebSocket handshakes leave HTTP; h2c and others are answered as the plain requests they also are.
    shouldUpgradeCallback: (request: IncomingMessage) => /^websocket$/i.test(request.headers.upgrade ?? ''),
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse) => handlers.request(request, response, isTls)
  const server = isTls
    ? https.createServer({ ...settings, ...pem, minVersion: 'TLSv1.2' }, onRequest)
    : http.createServer(settings, onRequest)
  server.maxHeadersCount = 0
  // The checks run before the client is told to go on; who reads the body says `writeContinue`.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    handlers.upgrade(request, socket, head, isTls),
  )
  server.on('clientError', handlers.malformed)
  return server
}

const opened = (server: Server, target: ListenTarget): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...target, backlog: 1024 }, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** A socket file that nobody answers is left over from a crash; one that somebody answers is theirs. */
async function removeStaleSocket(path: string): Promise<void> {
  const isAnswered = await new Promise<boolean>((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
  if (isAnswered) throw new Error(`another process listens on unix:${path}`)
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

function describe(server: Server, isTls: boolean): string {
  const address: string | AddressInfo | null = server.address()
  if (address === null || typeof address === 'string') return `unix:${address ?? 'systemd'}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${isTls ? 'https' : 'http'}://${host}:${address.port}`
}
