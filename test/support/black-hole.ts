// An address that swallows who connects to it: a server that listens and never accepts. Once the kernel's short queue is
// full, whoever comes hears nothing, neither yes nor no.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface BlackHole extends AsyncDisposable {
  readonly port: number
  readonly url: string
}

const LISTEN_AND_SLEEP = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** On loopback; not on a Mac, whose kernel accepts for a server that sleeps. */
export async function startBlackHole(): Promise<BlackHole> {
  const worker = new Worker(LISTEN_AND_SLEEP, { eval: true })
  const [port] = (await once(worker, 'message')) as [number]
  const queued = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => {}))
  await once(queued[0] as Socket, 'connect')
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of queued) socket.destroy()
      await worker.terminate()
    },
  }
}
