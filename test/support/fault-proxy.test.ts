// The fault proxy itself, in front of a server that answers what it is sent.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

describe('fault proxy', () => {
  const served = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    served.add(socket)
    socket.on('error', () => {}).once('close', () => served.delete(socket))
    socket.pipe(socket)
  })
  let proxy: FaultProxy

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    proxy = await startFaultProxy({ port: (server.address() as AddressInfo).port })
  })
  after(async () => {
    await proxy[Symbol.asyncDispose]()
    for (const socket of served) socket.destroy()
    server.close()
  })

  /** Collects what comes back, as it comes. */
  const open = async () => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const chunks: Buffer[] = []
    const ended = Promise.withResolvers<string>()
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.once('end', () => ended.resolve('end'))
    void breakOf(socket).then(ended.resolve)
    await once(socket, 'connect')
    const text = (): string => Buffer.concat(chunks).toString()
    return {
      socket,
      chunks,
      text,
      ended: ended.promise,
      /** Sends, and waits until so much has come back. @returns how long that took, in ms */
      async echo(sent: string): Promise<number> {
        const startedAt = performance.now()
        const length = text().length + sent.length
        socket.write(sent)
        while (text().length < length) await once(socket, 'data')
        return performance.now() - startedAt
      },
      [Symbol.dispose]: () => void socket.destroy(),
    }
  }
  const heal = (): void => proxy.injectBothWays({})

  it('changes nothing without faults: bytes, half-closes, sizes beyond any buffer', async () => {
    using client = await open()
    const big = 'ä€😀'.repeat(400_000)
    await client.echo('hello')
    client.socket.end(big)
    assert.equal(await client.ended, 'end')
    assert.ok(client.text() === `hello${big}`)
  })

  it('is late in one direction or both, and in time again once healed', async () => {
    using client = await open()
    assert.ok((await client.echo('x')) < 60)
    proxy.inject({ toClient: { latencyMs: 80 } })
    const oneWay = await client.echo('x')
    assert.ok(oneWay >= 79 && oneWay < 150, `${oneWay} ms`)
    proxy.injectBothWays({ latencyMs: 80 })
    const bothWays = await client.echo('x')
    assert.ok(bothWays >= 158 && bothWays < 260, `${bothWays} ms`)
    proxy.injectBothWays({ latencyMs: 60_000 })
    client.socket.write('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    heal()
    assert.ok((await client.echo('x')) < 60, 'what was held for a minute came at once')
  })

  it('adds latency to each piece, not to each after the other', async () => {
    proxy.injectBothWays({ latencyMs: 500 })
    using client = await open()
    const startedAt = performance.now()
    for (let n = 0; n < 10; n += 1) {
      client.socket.write('x')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    while (client.text().length < 10) await once(client.socket, 'data')
    // One after the other would be ten seconds.
    assert.ok(performance.now() - startedAt < 2_500)
    heal()
  })

  it('jitters as chance says, and keeps the order', async () => {
    const chances = [0, 1]
    await using shaky = await startFaultProxy({
      port: (server.address() as AddressInfo).port,
      random: () => chances.shift() ?? 0.5,
    })
    shaky.inject({ toServer: { latencyMs: 60, jitterMs: 60 } })
    const socket = connect(shaky.port, '127.0.0.1')
    await once(socket, 'connect')
    const rounds: number[] = []
    for (const letter of 'ab') {
      const startedAt = performance.now()
      socket.write(letter)
      assert.equal(String((await once(socket, 'data'))[0]), letter)
      rounds.push(performance.now() - startedAt)
    }
    socket.destroy()
    assert.ok((rounds[0] ?? 0) < 50 && (rounds[1] ?? 0) >= 55, rounds.join())
  })

  it('has little bandwidth', async () => {
    proxy.inject({ toClient: { bytesPerSecond: 100_000 } })
    using client = await open()
    const ms = await client.echo('x'.repeat(30_000))
    assert.ok(ms >= 200 && ms < 600, `30 kB took ${ms} ms`)
    heal()
  })

  it('slices', async () => {
    proxy.inject({ toClient: { pieceBytes: 3, pieceGapMs: 4 } })
    using client = await open()
    await client.echo('abcdefghijk')
    assert.equal(client.text(), 'abcdefghijk')
    assert.ok(client.chunks.length >= 3, `${client.chunks.length} chunks`)
    heal()
  })

  it('closes slowly', async () => {
    proxy.inject({ toClient: { slowCloseMs: 100 } })
    using client = await open()
    const startedAt = performance.now()
    client.socket.end('bye')
    assert.equal(await client.ended, 'end')
    assert.equal(client.text(), 'bye')
    assert.ok(performance.now() - startedAt >= 99)
    heal()
  })

  it('is a black hole for what is open and what comes, and loses nothing', async () => {
    using before = await open()
    await before.echo('1')
    proxy.injectBothWays({ isSilent: true })
    using during = await open()
    before.socket.write('2')
    during.socket.end('3')
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual([before.text(), during.text()], ['1', ''])
    heal()
    await once(before.socket, 'data')
    assert.equal(await during.ended, 'end')
    assert.deepEqual([before.text(), during.text()], ['12', '3'])
  })

  it('resets what is open, on both sides', async () => {
    using client = await open()
    await client.echo('x')
    const atServer = Promise.all([...served].map(breakOf))
    proxy.reset()
    assert.equal(await client.ended, 'ECONNRESET')
    assert.deepEqual(new Set(await atServer), new Set(['ECONNRESET']))
    using next = await open()
    await next.echo('x')
  })

  it('cuts after so many bytes, with an end or a reset', async () => {
    proxy.inject({ toClient: { limitBytes: 4 } })
    using short = await open()
    short.socket.write('abcdef')
    assert.equal(await short.ended, 'end')
    assert.equal(short.text(), 'abcd')
    proxy.inject({ toServer: { limitBytes: 0, limitBy: 'reset' } })
    using none = await open()
    none.socket.write('x')
    assert.equal(await none.ended, 'ECONNRESET')
    heal()
  })

  it('passes on a reset of either side', async () => {
    using client = await open()
    await client.echo('x')
    for (const socket of served) socket.resetAndDestroy()
    assert.equal(await client.ended, 'ECONNRESET')
    using other = await open()
    await other.echo('x')
    const atServer = Promise.all([...served].map(breakOf))
    other.socket.resetAndDestroy()
    assert.deepEqual(new Set(await atServer), new Set(['ECONNRESET']))
  })

  it('is down and up again on the same port, and counts', async () => {
    using client = await open()
    const acceptedBefore = proxy.accepted
    assert.ok(proxy.open >= 1)
    await proxy.refuse()
    assert.equal(await client.ended, 'ECONNRESET')
    assert.equal(proxy.open, 0)
    await assert.rejects(open(), { code: 'ECONNREFUSED' })
    await proxy.accept()
    using again = await open()
    await again.echo('x')
    assert.equal(proxy.accepted, acceptedBefore + 1)
  })

  it('cuts a client whose server is away', async () => {
    await using lonely = await startFaultProxy({ port: 1 })
    const socket = connect(lonely.port, '127.0.0.1')
    await assert.rejects(once(socket, 'data'), { code: 'ECONNRESET' })
  })
})

/** Resolves with the code of the error that ends it. */
const breakOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
