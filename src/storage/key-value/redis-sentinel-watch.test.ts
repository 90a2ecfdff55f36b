// What Sentinels say in moments that real ones are in for a second only, by servers that speak the protocol
// (https://redis.io/docs/latest/develop/reference/protocol-spec).

import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { systemClock } from '#kernel'
import { readRedisConfig, silentLog, until } from './redis.fixture.ts'
import { createSentinelWatch } from './redis-sentinel.ts'

interface Said {
  /** Of SENTINEL MASTER. */
  readonly facts: Readonly<Record<string, string>>
  /** Of SENTINEL GET-MASTER-ADDR-BY-NAME. */
  readonly place: readonly [host: string, port: string]
}

const OLD = ['127.0.0.1', '7001'] as const
const NEW = ['127.0.0.1', '7002'] as const
const at = ([ip, port]: readonly [string, string], epoch: number, flags = 'master'): Said['facts'] => ({
  ip,
  port,
  flags,
  'config-epoch': String(epoch),
})

test('the Sentinel that leads a failover counts with the new place, while it still has the old one', async () => {
  await using leader = await startSentinel({
    facts: at(OLD, 2, 'master,failover_in_progress'),
    place: NEW,
  })
  await using second = await startSentinel({ facts: at(NEW, 2), place: NEW })
  await using third = await startSentinel({ facts: at(NEW, 2), place: NEW })
  await using watched = watch([leader, second, third])
  await until(() => watched.isConfirmed())
  assert.deepEqual(watched.locate(), { host: NEW[0], port: Number(NEW[1]) })
  assert.throws(() => watched.check({ host: OLD[0], port: Number(OLD[1]) }), /have made 127\.0\.0\.1:7002 the primary/)
})

test('its word of the old one’s health is none of the new one’s', async () => {
  await using leader = await startSentinel({ facts: at(OLD, 2, 'master,failover_in_progress'), place: NEW })
  await using behind = await startSentinel({ facts: at(OLD, 1), place: OLD })
  await using watched = watch([leader, behind])
  await until(() => isThere(() => watched.locate()))
  assert.equal(watched.isConfirmed(), false)
})

function watch(sentinels: readonly { readonly port: number }[]) {
  const nodes = sentinels.map(({ port }) => `127.0.0.1:${port}`)
  const { sentinel: config } = readRedisConfig({ sentinel: { primary: 'main', nodes } })
  if (config === undefined) throw new Error('the settings have no Sentinels')
  const watched = createSentinelWatch({ config, tls: false, clock: systemClock, log: silentLog })
  watched.start()
  return { ...watched, [Symbol.asyncDispose]: watched.stop }
}

function isThere(find: () => unknown): boolean {
  try {
    return find() !== undefined
  } catch {
    return false
  }
}

async function startSentinel({ facts, place }: Said) {
  const texts = (values: readonly string[]): string =>
    values.map((value) => `$${Buffer.byteLength(value)}\r\n${value}\r\n`).join('')
  const answers: Readonly<Record<string, string>> = {
    HELLO: `%1\r\n${texts(['server', 'redis'])}`,
    MASTER: `%${Object.keys(facts).length}\r\n${texts(Object.entries(facts).flat())}`,
    'GET-MASTER-ADDR-BY-NAME': `*2\r\n${texts(place)}`,
  }
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    // Each command is an array of texts; the clients of this test send each in one piece.
    socket.on('data', (chunk) => {
      for (const command of chunk
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        const [name = '', sub = ''] = command.split('\r\n').filter((_, index) => index % 2 === 1)
        socket.write(answers[name === 'SENTINEL' ? sub : name] ?? '+OK\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
