// One supervised connection to Redis. A heartbeat shows that it lives; when it falls silent, the connection is replaced,
// again and again until Redis is back. A command either gets its answer in time or fails as `storage.unavailable`:
// nothing is queued while there is no connection, and only so much while there is one.

import { readFileSync } from 'node:fs'
import { type Clock, sleep } from '#kernel'
import type { Logger } from '#telemetry'
import type { RedisConfig } from '../config.ts'
import { storageErrors } from '../errors.ts'

export interface RedisConnection {
  /** Resolves when connected. @throws with Redis's reason if that does not happen in ten seconds. */
  start(): Promise<void>
  stop(): Promise<void>
  /** @throws storage.unavailable, or what Redis says of a command that is wrong. */
  send(command: readonly string[]): Promise<unknown>
  /** The time (monotonic) at which the newest answered heartbeat was sent: what Redis had to say before it is here. */
  aliveAtMs(): number
}

export interface RedisConnectionOptions {
  readonly config: RedisConfig
  readonly clock: Clock
  readonly log: Logger
  /** Called on each new connection, before any command. */
  readonly onConnect?: (send: RedisConnection['send']) => Promise<void>
  /** Asks Redis to announce changes, once `onConnect` has said of what; `undefined` stands for everything. */
  readonly onInvalidate?: (key: string | undefined) => void
}

/** The part of the client that is used here. */
interface Client {
  connect(): Promise<unknown>
  sendCommand(command: readonly string[]): Promise<unknown>
  destroy(): void
}

const commandMs = 500
const maxPending = 1_000
const heartbeatMs = 250
/** After one heartbeat without an answer commands fail at once; after so many the connection is given up. */
const maxUnanswered = 3
const connectMs = 1_500
const startMs = 10_000

export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  const { clock, log, onConnect = async () => {} } = options
  let client: Client | undefined
  let aliveAtMs = Number.NEGATIVE_INFINITY
  let unanswered = 0
  let pending = 0
  let stopped = false
  let failure: unknown

  const sendOn = async (to: Client, command: readonly string[]): Promise<unknown> => {
    pending += 1
    try {
      return await withinMs(clock, commandMs, to.sendCommand(command))
    } finally {
      pending -= 1
    }
  }

  const open = async (): Promise<Client> => {
    const opened = await createRedisClient(options)
    try {
      await withinMs(clock, connectMs, opened.connect())
      await onConnect((command) => sendOn(opened, command))
      return opened
    } catch (error) {
      opened.destroy()
      throw error
    }
  }

  /** Returns when the connection no longer answers. */
  const beat = async (on: Client): Promise<void> => {
    while (!stopped && unanswered < maxUnanswered) {
      const sentAtMs = clock.monotonicMs()
      try {
        await sendOn(on, ['PING'])
        aliveAtMs = sentAtMs
        unanswered = 0
      } catch (error) {
        if (!(error instanceof TimeLimit)) return
        unanswered += 1
      }
      await sleep(clock, heartbeatMs)
    }
  }

  const supervise = async (onFirst: () => void): Promise<void> => {
    for (let attempt = 0; !stopped; attempt += 1) {
      try {
        client = await open()
        aliveAtMs = clock.monotonicMs()
        unanswered = 0
        log.info({ event: 'redis_connected' }, 'connected to Redis')
        onFirst()
        attempt = 0
        await beat(client)
        if (!stopped) log.error({ event: 'redis_lost' }, 'the connection to Redis is lost')
      } catch (error) {
        failure = error
        if (attempt === 1) log.error({ event: 'redis_unreachable', err: error }, 'Redis cannot be reached')
      }
      aliveAtMs = Number.NEGATIVE_INFINITY
      client?.destroy()
      client = undefined
      if (!stopped) await sleep(clock, Math.min(50 * 2 ** attempt, 500) * (0.5 + Math.random() / 2))
    }
  }

  return Object.freeze({
    async start() {
      const connected = Promise.withResolvers<void>()
      void supervise(connected.resolve)
      // Between two attempts nothing else may keep the process alive; without this it would end without a word.
      const alive = setInterval(() => {}, startMs)
      try {
        await withinMs(clock, startMs, connected.promise)
      } catch (cause) {
        // Redis's own reason, if it gave one, says more than that time is over.
        throw new Error(`Redis cannot be reached (${reasonOf(failure)}); check \`storage.keyValue\``, { cause })
      } finally {
        clearInterval(alive)
      }
    },
    async stop() {
      stopped = true
      client?.destroy()
    },
    async send(command: readonly string[]) {
      if (client === undefined || unanswered > 0 || pending >= maxPending) throw unavailable(undefined)
      try {
        return await sendOn(client, command)
      } catch (error) {
        throw isOurMistake(error) ? error : unavailable(error)
      }
    },
    aliveAtMs: () => aliveAtMs,
  })
}

/** Loads the library when first needed: a gateway with embedded stores does without. */
async function createRedisClient({ config, onInvalidate }: RedisConnectionOptions): Promise<Client> {
  const { createClient } = await import('redis')
  const url = new URL(config.url)
  const client = createClient({
    url: config.url,
    RESP: 3,
    name: 'gatehouse',
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(config.password && { password: config.password.reveal() }),
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // Our own limits; the client's cost a signal for each command and end with the writing.
    commandOptions: { timeout: 0 },
    emitInvalidate: onInvalidate !== undefined,
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: false,
      ...(url.protocol === 'rediss:' && { tls: true, ...(config.tls && { ca: readFileSync(config.tls.ca, 'utf8') }) }),
    },
  })
  // The supervisor sees failures by the commands that fail; without a listener the process would end.
  client.on('error', () => {})
  if (onInvalidate !== undefined) {
    client.on('invalidate', (key: string | Buffer | null) => onInvalidate(key?.toString()))
  }
  return client
}

const reasonOf = (failure: unknown): string =>
  failure instanceof Error ? failure.message || failure.name : 'no answer'

class TimeLimit extends Error {}

async function withinMs<Result>(clock: Clock, limitMs: number, work: Promise<Result>): Promise<Result> {
  const overdue = Promise.withResolvers<never>()
  const fail = (): void => overdue.reject(new TimeLimit(`no answer within ${limitMs} ms`))
  // If this process was busy the answer may be here already, unread: sockets are read before the immediate.
  const cancel = clock.after(limitMs, () => void setImmediate(fail))
  try {
    return await Promise.race([work, overdue.promise])
  } finally {
    cancel()
  }
}

const unavailable = (cause: unknown) => storageErrors.unavailable({ store: 'key-value store' }, { cause })

/** Whether Redis answered about the command itself, rather than being unable to serve it. */
const isOurMistake = (error: unknown): boolean =>
  error instanceof Error && /^(ERR|WRONGTYPE|NOSCRIPT) /.test(error.message)
