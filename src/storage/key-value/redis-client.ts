// One connection of the library to one server, with everything switched off that would wait, queue or connect again by
// itself: that is decided in `redis-connection.ts`.

import type { Secret } from '#kernel'
import type { RedisAddress, RedisTls } from './redis-config.ts'
import type { Template } from './redis-template.ts'

/** The part of the client that is used here. */
export interface RedisClient {
  connect(): Promise<unknown>
  sendCommand(command: readonly string[]): Promise<unknown>
  destroy(): void
}

export interface RedisLogin {
  readonly user?: string | undefined
  readonly password?: Secret | undefined
  readonly database?: number | undefined
  readonly tls: RedisTls
}

export interface RedisClientOptions {
  readonly address: RedisAddress
  readonly login: RedisLogin
  readonly connectMs: number
  /** Called once when the connection breaks by itself. */
  readonly onLost: (reason: Error) => void
  /** Asks Redis to announce changes; `undefined` stands for everything. */
  readonly onInvalidate?: ((key: string | undefined) => void) | undefined
}

export async function createRedisClient(options: RedisClientOptions): Promise<RedisClient> {
  const { address, login, onInvalidate } = options
  // Loads the library when first needed: a gateway with embedded stores does without.
  template ??= import('./redis-template.ts').then(({ createTemplate }) => createTemplate())
  const client = (await template).duplicate({
    ...(login.user !== undefined && { username: login.user }),
    ...(login.password && { password: login.password.reveal() }),
    ...(login.database && { database: login.database }),
    emitInvalidate: onInvalidate !== undefined,
    socket: { ...address, connectTimeout: options.connectMs, reconnectStrategy: false, ...toSocketTls(login.tls) },
  })
  // Without a listener the process would end.
  client.on('error', options.onLost)
  if (onInvalidate !== undefined) {
    client.on('invalidate', (key: string | Buffer | null) => onInvalidate(key?.toString()))
  }
  return client
}

let template: Promise<Template> | undefined

function toSocketTls(tls: RedisTls) {
  if (tls === false) return undefined
  if (tls === true) return { tls: true as const }
  const { ca, certificate, key, serverName } = tls
  return {
    tls: true as const,
    rejectUnauthorized: !tls.dangerouslyAcceptAnyCertificate,
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key: key.reveal() }),
    ...(serverName !== undefined && { servername: serverName }),
  }
}
