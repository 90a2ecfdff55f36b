// A connection to the first server of a directory that answers. One login, one connection: who is logged in on it changes
// during a login, and a connection that nobody shares cannot be left in the wrong state.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Client } from 'ldapts'
import type { Clock } from '#kernel'
import { describeLdapFailure, LdapFault } from './failure.ts'
import { parseServer } from './server.ts'

export interface DirectorySettings {
  readonly servers: readonly string[]
  readonly startTls: boolean
  readonly ca?: string | undefined
}

export interface DirectoryConnection {
  readonly client: Client
  readonly server: string
  close(): void
}

/** @throws LdapFault if none answers in time */
export type Connect = (signal: AbortSignal) => Promise<DirectoryConnection>

const CONNECT_MS = 2_500
/** A server that did not answer is asked last for so long. */
const AVOID_MS = 30_000
/** One answer for one person: far more than that has. */
const MAX_ANSWER_BYTES = 1024 * 1024
/** Nothing of it is used: the socket is ours. */
const UNUSED_URL = 'ldap://directory.invalid'
/** RFC 4511 §4.14. */
const START_TLS = '1.3.6.1.4.1.1466.20037'

export function createConnect(settings: DirectorySettings, clock: Clock): Connect {
  const failedAt = new Map<string, number>()
  const isAvoided = (server: string): boolean => {
    const at = failedAt.get(server)
    return at !== undefined && clock.monotonicMs() - at < AVOID_MS
  }
  return async (signal) => {
    const { servers } = settings
    const inOrder = [...servers.filter((each) => !isAvoided(each)), ...servers.filter(isAvoided)]
    const reasons: string[] = []
    for (const server of inOrder) {
      try {
        const connection = await open(server, settings, AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]))
        failedAt.delete(server)
        return connection
      } catch (error) {
        if (!signal.aborted) failedAt.set(server, clock.monotonicMs())
        reasons.push(`${server}: ${describeLdapFailure(error)}`)
      }
    }
    throw new LdapFault(`no server answers (${reasons.join('; ')})`)
  }
}

async function open(server: string, settings: DirectorySettings, signal: AbortSignal): Promise<DirectoryConnection> {
  const place = parseServer(server)
  if (place === undefined) throw new LdapFault('no address of a server')
  const { host, port, servername } = place
  const { ca } = settings
  const tls = { host, ...(servername !== undefined && { servername }), ...(ca !== undefined && { ca }) }
  const sockets: Socket[] = []
  const close = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const keep = (socket: Socket): Socket => {
    sockets.push(socket)
    // Whoever waits for it hears of its end; nobody else has to.
    return socket.on('error', () => {})
  }
  try {
    const first = keep(place.isTls ? connectTls({ ...tls, port }) : connect({ host, port }))
    await once(first, place.isTls ? 'secureConnect' : 'connect', { signal })
    const isUpgraded = !place.isTls && settings.startTls
    const socket = isUpgraded ? await upgrade(first, { tls, signal, keep }) : first
    limitAnswer(socket)
    return { client: await speakOver(socket), server, close }
  } catch (error) {
    close()
    throw error
  }
}

interface Upgrade {
  readonly tls: ConnectionOptions
  readonly signal: AbortSignal
  readonly keep: (socket: Socket) => Socket
}

/**
 * Asks for TLS on an open connection. Nobody who heard the plain part speaks afterwards: what was sent ahead of the
 * handshake stays with the client that asked, and is not read as an answer that came through TLS.
 */
async function upgrade(plain: Socket, { tls, signal, keep }: Upgrade): Promise<Socket> {
  limitAnswer(plain)
  const client = await speakOver(plain)
  await abortable(client.exop(START_TLS), signal)
  plain.removeAllListeners('data')
  const secure = keep(connectTls({ ...tls, socket: plain }))
  await once(secure, 'secureConnect', { signal })
  return secure
}

/** @param socket open */
async function speakOver(socket: Socket): Promise<Client> {
  // Not before a directory is configured and somebody logs in.
  const { Client } = await import('ldapts')
  return new Client({ url: UNUSED_URL, createConnection: () => socket, connectTimeout: 1 })
}

function limitAnswer(socket: Socket): void {
  let bytes = 0
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength
    if (bytes > MAX_ANSWER_BYTES) socket.destroy()
  })
}

/** @throws what aborted it; the work itself ends when its connection is closed */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
