// Many clients that send a request a byte at a time and never finish it, from another address of this machine. They live
// in a thread of their own, so that they do not hold up whoever measures beside them.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface SlowClients extends AsyncDisposable {
  /** How many were connected at once. */
  readonly most: number
  /** Resolves when all are gone. */
  readonly gone: Promise<unknown>
}

export interface SlowClientsOptions {
  readonly port: number
  readonly localAddress: string
  readonly kinds: readonly SlowKind[]
}

export interface SlowKind {
  readonly count: number
  /** Sent at once. */
  readonly start: string
  /** Sent once a second, for ever, by each at a moment of its own. */
  readonly drip: string
}

/** Resolves when all are connected. */
export async function startSlowClients(options: SlowClientsOptions): Promise<SlowClients> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options })
  const [most] = (await once(worker, 'message')) as [number]
  const gone = once(worker, 'exit')
  return { most, gone, [Symbol.asyncDispose]: async () => void (await worker.terminate()) }
}

/** Of a second. */
const TURNS = 50
/** So many a second come: slow clients are tried here, and thousands that come at once are another attack. */
const ARRIVALS_PER_SECOND = 1_000
const BATCH = 50

async function run({ port, localAddress, kinds }: SlowClientsOptions): Promise<void> {
  const sockets = new Map<Socket, string>()
  let most = 0
  for (const { count, start, drip } of kinds) {
    for (let left = count; left > 0; left -= BATCH) {
      const nextBatch = pause((1_000 * BATCH) / ARRIVALS_PER_SECOND)
      const batch = Array.from({ length: Math.min(BATCH, left) }, () =>
        connect({ port, host: '127.0.0.1', localAddress }),
      )
      for (const socket of batch) {
        sockets.set(socket, drip)
        socket.on('error', () => {}).once('close', () => void sockets.delete(socket))
        socket.resume().write(start)
      }
      await Promise.all(batch.map(async (socket) => once(socket, 'connect')))
      most = Math.max(most, sockets.size)
      await nextBatch
    }
  }
  parentPort?.postMessage(most)
  // Who has nothing to do with each other does not write at the same moment.
  let turn = 0
  const timer = setInterval(() => {
    let index = 0
    for (const [socket, drip] of sockets) if (index++ % TURNS === turn) socket.write(drip)
    turn = (turn + 1) % TURNS
    if (sockets.size === 0) clearInterval(timer)
  }, 1_000 / TURNS)
}

if (!isMainThread) await run(workerData as SlowClientsOptions)
