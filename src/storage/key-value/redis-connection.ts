// One supervised connection to Redis. A heartbeat shows that it lives and that the server is fit to serve; when it is
// not, the connection is replaced, again and again until Redis is back. A command either gets its answer in time or
// fails as `storage.unavailable`: nothing is queued while there is no connection, and only so much while there is one.

import { type Clock, sleep } from '#kernel'
import type { Logger } from '#telemetry'
import { storageErrors } from '../errors.ts'
import { createRedisClient, type RedisClient, type RedisLogin } from './redis-client.ts'
import type { RedisAddress } from './redis-config.ts'

export type SendCommand = (command: readonly string[]) => Promise<unknown>

export interface RedisConnection {
  /** Begins to connect, and does so again whenever the connection is of no use any more. Waits for nothing. */
  supervise(): void
  /**
   * Resolves when connected for the first time.
   *
   * @param limitMs ten seconds unless given
   * @throws with Redis's reason if that does not happen in time
   */
  connected(limitMs?: number): Promise<void>
  stop(): Promise<void>
  /** @throws storage.unavailable, or what Redis replies instead of doing it (see `isReply`). */
  send: SendCommand
  /** The time (monotonic) at which the newest answered heartbeat was sent: what Redis had to say before it is here. */
  aliveAtMs(): number
}

export interface RedisConnectionOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly login: RedisLogin
  /** Where the server is at this moment. @throws with the reason if nobody knows */
  readonly locate: () => RedisAddress
  /** Asks whether the server is fit to serve. @throws with the reason if it is not: then the connection is replaced. */
  readonly heartbeat: (send: SendCommand, address: RedisAddress) => Promise<unknown>
  /** Called on each new connection, before any command. */
  readonly onConnect?: (send: SendCommand) => Promise<void>
  /** Asks Redis to announce changes, once `onConnect` has said of what; `undefined` stands for everything. */
  readonly onInvalidate?: (key: string | undefined) => void
}

const commandMs = 500
const maxPending = 1_000
const heartbeatMs = 250
/** After one heartbeat without an answer commands fail at once; after so many the connection is given up. */
const maxUnanswered = 3
export const connectMs = 1_500
export const startMs = 10_000

export function createRedisConnection(options: RedisConnectionOptions): RedisConnection {
  const { clock, log, onConnect = async () => {} } = options
  let current: Opened | undefined
  let aliveAtMs = Number.NEGATIVE_INFINITY
  let unanswered = 0
  let pending = 0
  let stopped = false
  let failure: unknown
  const first = Promise.withResolvers<void>()
  const stopping = Promise.withResolvers<void>()

  const sendOn = (to: RedisClient, command: readonly string[]): Promise<unknown> => {
    pending += 1
    // Until it is answered or the connection is given up it lies in the library's queue, however long we wait for it.
    const settled = (): void => {
      pending -= 1
    }
    const answer = to.sendCommand(command)
    answer.then(settled, settled)
    return withinMs(clock, commandMs, answer)
  }

  const open = async (): Promise<Opened> => {
    const address = options.locate()
    const lost = Promise.withResolvers<Error>()
    const client = await createRedisClient({ ...options, address, connectMs, onLost: lost.resolve })
    const send: SendCommand = (command) => sendOn(client, command)
    try {
      await withinMs(clock, connectMs, client.connect())
      await onConnect(send)
      await options.heartbeat(send, address)
      return { client, lost: lost.promise, beat: () => options.heartbeat(send, address) }
    } catch (error) {
      client.destroy()
      throw error
    }
  }

  /** Returns, with the reason, when the connection is of no use any more. */
  const watch = async ({ lost, beat }: Opened): Promise<unknown> => {
    const useless = Promise.withResolvers<unknown>()
    // One does not wait for the other, so that a slow network does not make them rare.
    const cancel = clock.every(heartbeatMs, () => {
      const sentAtMs = clock.monotonicMs()
      beat().then(
        () => {
          aliveAtMs = Math.max(aliveAtMs, sentAtMs)
          unanswered = 0
        },
        (error: unknown) => {
          unanswered += 1
          if (!(error instanceof TimeLimit) || unanswered >= maxUnanswered) useless.resolve(error)
        },
      )
    })
    try {
      return await Promise.race([useless.promise, lost, stopping.promise])
    } finally {
      cancel()
    }
  }

  const supervise = async (): Promise<void> => {
    let wasConnected = false
    for (let attempt = 0; !stopped; attempt += 1) {
      try {
        current = await open()
        aliveAtMs = clock.monotonicMs()
        unanswered = 0
        log.info({ event: 'redis_connected' }, 'connected to Redis')
        wasConnected = true
        first.resolve()
        attempt = 0
        failure = await watch(current)
        if (!stopped)
          log.error({ event: 'redis_lost', reason: reasonOf(failure) }, 'the connection to Redis is of no use any more')
      } catch (error) {
        failure = error
        // Before the first time it is `connected` that complains.
        if (attempt === 1 && wasConnected)
          log.error({ event: 'redis_unreachable', reason: reasonOf(error) }, 'Redis cannot be reached')
      }
      aliveAtMs = Number.NEGATIVE_INFINITY
      current?.client.destroy()
      current = undefined
      if (!stopped) await sleep(clock, Math.min(50 * 2 ** attempt, 500) * (0.5 + Math.random() / 2))
    }
  }

  return Object.freeze({
    supervise: () => void supervise(),
    async connected(limitMs = startMs) {
      // Between two attempts nothing else may keep the process alive; without this it would end without a word.
      const alive = setInterval(() => {}, limitMs)
      try {
        await withinMs(clock, limitMs, first.promise)
      } catch (late) {
        // Redis's own reason, if it gave one, says more than that time is over.
        throw unreachable(failure ?? late)
      } finally {
        clearInterval(alive)
      }
    },
    async stop() {
      stopped = true
      stopping.resolve()
      current?.client.destroy()
    },
    async send(command: readonly string[]) {
      if (current === undefined || unanswered > 0 || pending >= maxPending) throw unavailable(undefined)
      try {
        return await sendOn(current.client, command)
      } catch (error) {
        throw isReply(error) ? error : unavailable(error)
      }
    },
    aliveAtMs: () => aliveAtMs,
  })
}

interface Opened {
  readonly client: RedisClient
  readonly lost: Promise<Error>
  readonly beat: () => Promise<unknown>
}

/** Why a connection came to nothing, for people. */
export function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return 'no answer'
  // OpenSSL's messages are several lines of places in its code; the reason is what one can act on.
  const { reason, code } = failure as { readonly reason?: unknown; readonly code?: unknown }
  if (typeof reason === 'string') return reason
  return failure.message || (typeof code === 'string' ? code : failure.name)
}

/** @param why Redis's own reason, or that of the way to it */
export const unreachable = (why: unknown): Error =>
  new Error(`Redis cannot be reached (${reasonOf(why)}); check \`storage.keyValue\``)

class TimeLimit extends Error {}

/** @throws TimeLimit if it takes longer */
export async function withinMs<Result>(clock: Clock, limitMs: number, work: Promise<Result>): Promise<Result> {
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

export const unavailable = (cause: unknown) => storageErrors.unavailable({ store: 'key-value store' }, { cause })

/** Whether Redis said so, with a code first (`READONLY You can't write …`), rather than not answering. */
export const isReply = (error: unknown, code = '[A-Z]+'): error is Error =>
  error instanceof Error && new RegExp(`^${code} `).test(error.message)

/** Heartbeat of a server that must be a primary and have its data in memory. */
export async function beatOfPrimary(send: SendCommand): Promise<void> {
  // PING alone would be answered by a replica as well, HELLO alone while Redis is loading.
  const [hello] = await Promise.all([send(['HELLO', '3']), send(['PING'])])
  const role = (hello as { readonly role?: unknown }).role
  if (role !== 'master') throw new Error('this Redis is a replica, not the primary')
}
