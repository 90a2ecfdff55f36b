// Asks every Sentinel, several times a second, which server is the primary. The newest of their configurations counts;
// that a server is still the right one is certain only while most of them say so and none of those sees it down.

import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'
import type { RedisAddress, RedisConfig } from './redis-config.ts'
import { createRedisConnection, type RedisConnection, reasonOf, type SendCommand } from './redis-connection.ts'

export type SentinelConfig = NonNullable<RedisConfig['sentinel']>

export interface SentinelWatch {
  /** Begins to ask, and waits for nothing. */
  start(): void
  stop(): Promise<void>
  /** Where the primary is. @throws with the reason if no Sentinel says */
  locate(): RedisAddress
  /** @throws unless this server is the primary as far as the Sentinels that answer know. */
  check(address: RedisAddress): void
  /** Whether more than half of all Sentinels said within a second that it is this primary, and in good health. */
  isConfirmed(): boolean
}

export interface SentinelDeps {
  readonly config: SentinelConfig
  readonly tls: RedisConfig['tls']
  readonly clock: Clock
  readonly log: Logger
}

interface Statement {
  readonly address: RedisAddress
  /** Of the configuration: each failover has a higher one. */
  readonly epoch: number
  readonly isDown: boolean
  readonly saidAtMs: number
}

const believedMs = 1_000

export function createSentinelWatch({ config, tls, clock, log }: SentinelDeps): SentinelWatch {
  const statements = new Map<RedisAddress, Statement>()
  let failure: unknown

  const ask = async (sentinel: RedisAddress, send: SendCommand): Promise<void> => {
    const saidAtMs = clock.monotonicMs()
    try {
      // In this order: an address that is newer than its epoch loses against others, an older one would win.
      const [facts, place] = await Promise.all([
        send(['SENTINEL', 'MASTER', config.primary]),
        send(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', config.primary]),
      ])
      statements.set(sentinel, { ...parseAnswers(facts, place), saidAtMs })
    } catch (error) {
      failure = error
      throw error
    }
  }

  const connections: readonly RedisConnection[] = config.nodes.map((sentinel) =>
    createRedisConnection({
      clock,
      log: log.child({ connection: 'sentinel', server: `${sentinel.host}:${sentinel.port}` }),
      login: { user: config.user, password: config.password, tls: config.tls ?? tls },
      locate: () => sentinel,
      heartbeat: (send) => ask(sentinel, send),
    }),
  )

  const recent = (): readonly Statement[] => {
    const sinceMs = clock.monotonicMs() - believedMs
    return [...statements.values()].filter(({ saidAtMs }) => saidAtMs > sinceMs)
  }

  const newest = (): Statement | undefined =>
    recent().reduce<Statement | undefined>((best, each) => (best && best.epoch >= each.epoch ? best : each), undefined)

  return Object.freeze({
    start() {
      for (const connection of connections) connection.supervise()
    },
    async stop() {
      await Promise.all(connections.map((connection) => connection.stop()))
    },
    locate() {
      const primary = newest()
      if (primary === undefined)
        throw new Error(`no Sentinel says where the primary "${config.primary}" is: ${reasonOf(failure)}`)
      return primary.address
    },
    check(address: RedisAddress) {
      const primary = newest()
      // While they are silent the connection may be as good as it was; what it tells is just not certain any more.
      if (primary !== undefined && !isSame(primary.address, address))
        throw new Error(`the Sentinels have made ${primary.address.host}:${primary.address.port} the primary`)
    },
    isConfirmed() {
      const primary = newest()
      if (primary === undefined) return false
      const agreeing = recent().filter(({ address, isDown }) => !isDown && isSame(address, primary.address))
      return agreeing.length * 2 > config.nodes.length
    },
  })
}

const isSame = (a: RedisAddress, b: RedisAddress): boolean => a.host === b.host && a.port === b.port

/**
 * Where clients are to go, and what is known of it. The Sentinel that leads a failover has the new epoch in MASTER long
 * before the new address, which it keeps until all replicas follow; GET-MASTER-ADDR-BY-NAME is right all the time
 * (https://redis.io/docs/latest/develop/reference/sentinel-clients). What it says of health is of the old one until then.
 *
 * @throws if these are no such answers
 */
function parseAnswers(facts: unknown, place: unknown): Omit<Statement, 'saidAtMs'> {
  const fields = facts as Readonly<Record<string, unknown>>
  const [host, port] = Array.isArray(place) ? [place[0] as unknown, Number(place[1])] : []
  const [epoch, flags] = [Number(fields['config-epoch']), fields.flags]
  if (typeof host !== 'string' || !Number.isInteger(port) || !Number.isInteger(epoch) || typeof flags !== 'string')
    throw new Error('a Sentinel gave an answer that is none')
  const address = { host, port: port as number }
  const isOfThis = fields.ip === host && Number(fields.port) === port
  return { address, epoch, isDown: !isOfThis || /down/.test(flags) }
}
