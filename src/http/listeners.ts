// Opens the listening sockets: TCP (with TLS when given), unix sockets, and those that systemd passes on.

import { chmod, unlink } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { formatListenAddress, type ListenAddress } from '#config'
import { nodeHttp } from '#kernel'
import { markLocal } from './client.ts'
import type { ConnectionLimits } from './connection-limits.ts'

/** A certificate chain and its key, both the text of a PEM file; that they belong together has been seen (`tls-pair.ts`). */
export interface TlsMaterial {
  readonly certificate: string
  readonly key: string
}

export interface ListenOptions {
  readonly addresses: readonly ListenAddress[]
  readonly tls: TlsMaterial | undefined
  /** File descriptors that systemd passed (sd_listen_fds(3)): 3, 4, … */
  readonly systemdDescriptors: readonly number[]
  /** Other processes of ours listen at the same addresses: a socket file that is there is theirs and ours. */
  readonly mayFindOthers: boolean
  readonly headBytes: number
  readonly headTimeoutMs: number
  readonly keepAliveMs: number
  /** None unless given. */
  readonly connections?: ConnectionLimits
}

export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse, isTls: boolean) => void
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, isTls: boolean) => void
  /** Whether a handshake is only asked about here, by a proxy in front: then it is answered as a plain request. */
  readonly isQuestion: (request: IncomingMessage) => boolean
  readonly malformed: (error: NodeJS.ErrnoException, socket: Duplex) => void
}

export interface Listening {
  readonly servers: readonly Server[]
  /** `http://127.0.0.1:8080`, `unix:/run/gatehouse.sock`: for the log and for tests. */
  readonly urls: readonly string[]
}

/** Opens every address or none. @throws with the address, the reason and what to do; the system's error is the cause. */
export async function listen(options: ListenOptions, handlers: Handlers): Promise<Listening> {
  const servers: Server[] = []
  const urls: string[] = []
  const credentials = options.tls && toCredentials(options.tls)
  try {
    for (const target of options.addresses.flatMap((address) => listenTargets(address, options.systemdDescriptors))) {
      const server = createServer(options, handlers, 'path' in target ? undefined : credentials)
      if ('path' in target && target.path !== undefined && !options.mayFindOthers) await removeStaleSocket(target.path)
      await opened(server, target).catch((cause: NodeJS.ErrnoException) => {
        throw cannotListen(target, cause)
      })
      // Anyone on the machine may connect: a peer on this socket is trusted only if the operator says so.
      if ('path' in target && target.path !== undefined) await chmod(target.path, 0o660)
      servers.push(server)
      urls.push(describe(server, credentials !== undefined))
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

/** As Node takes them. */
interface TlsCredentials {
  readonly cert: string
  readonly key: string
}

const toCredentials = ({ certificate: cert, key }: TlsMaterial): TlsCredentials => ({ cert, key })

function createServer(options: ListenOptions, handlers: Handlers, credentials: TlsCredentials | undefined): Server {
  const isTls = credentials !== undefined
  const settings = {
    maxHeaderSize: options.headBytes,
    headersTimeout: options.headTimeoutMs,
    // Bodies have limits of their own: an upload may take hours.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(CHECK_MS, options.headTimeoutMs),
    keepAliveTimeout: options.keepAliveMs,
    noDelay: true,
    // A request without a body need not act as a stream.
    optimizeEmptyRequests: true,
    insecureHTTPParser: false,
    // findFramingFault says it, and closes the connection as well.
    requireHostHeader: false,
    // Only WebSocket handshakes leave HTTP; h2c and others are answered as the plain requests they also are.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      /^websocket$/i.test(request.headers.upgrade ?? '') && !handlers.isQuestion(request),
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse) => handlers.request(request, response, isTls)
  const server = isTls
    ? https.createServer({ ...settings, ...credentials, ...TLS, handshakeTimeout: options.headTimeoutMs }, onRequest)
    : nodeHttp.createServer(settings, onRequest)
  server.maxHeadersCount = 0
  let isLocal: boolean | undefined
  const noteWhere = (socket: Duplex): void => {
    isLocal ??= isOnUnixSocket(server.address())
    if (isLocal) markLocal(socket)
  }
  server.on('connection', (socket) => {
    noteWhere(socket)
    options.connections?.admit(socket, isTls)
  })
  if (isTls) server.on('secureConnection', noteWhere)
  // The checks run before the client is told to go on; who reads the body says `writeContinue`.
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    handlers.upgrade(request, socket, head, isTls),
  )
  server.on('clientError', handlers.malformed)
  return server
}

const TLS = { minVersion: 'TLSv1.2' } as const
/** All whose head is late are refused in one go: of thousands who came together, few at a time. */
const CHECK_MS = 100

/** For connections from now on; those that are open stay as they are. */
export function renewCertificate({ servers }: Listening, material: TlsMaterial): void {
  const credentials = toCredentials(material)
  for (const server of servers) if (server instanceof https.Server) server.setSecureContext({ ...credentials, ...TLS })
}

const opened = (server: Server, target: ListenTarget): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ ...target, backlog: 1024 }, () => {
      server.off('error', reject)
      resolve()
    })
  })

function cannotListen(target: ListenTarget, cause: NodeJS.ErrnoException): Error {
  const advice = ADVICE[cause.code ?? ''] ?? 'name another address in server.listen'
  return new Error(`cannot listen at ${nameOf(target)} (${cause.message}): ${advice}`, { cause })
}

const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the program that listens there, or name another address in server.listen',
  EADDRNOTAVAIL: 'this machine has no such address; name one of its own in server.listen, or 0.0.0.0 for all',
  EACCES:
    'this user may not; name a port from 1024 on, or a folder that exists and that it may write to, in server.listen',
}

const nameOf = (target: ListenTarget): string => {
  if ('fd' in target) return `the socket that systemd passed as descriptor ${target.fd}`
  return 'path' in target ? `unix:${target.path}` : formatListenAddress({ kind: 'tcp', ...target })
}

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
  if (isOnUnixSocket(address)) return `unix:${address ?? 'systemd'}`
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `${isTls ? 'https' : 'http'}://${host}:${address.port}`
}

const isOnUnixSocket = (address: string | AddressInfo | null): address is string | null =>
  address === null || typeof address === 'string'
