// A fault proxy in a thread of its own: what holds up the nodes that are measured does not make the network slower.

import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Faults, startFaultProxy } from '../support/fault-proxy.ts'

export interface FaultProxyThread extends AsyncDisposable {
  readonly port: number
  /** Takes effect a moment later. */
  injectBothWays(faults: Faults): void
}

/** @param port of the server, on loopback */
export async function startFaultProxyThread(port: number): Promise<FaultProxyThread> {
  const worker = new Worker(new URL(import.meta.url), { workerData: port })
  const [own] = (await once(worker, 'message')) as [number]
  return {
    port: own,
    injectBothWays: (faults) => worker.postMessage(faults),
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  }
}

if (!isMainThread) {
  const proxy = await startFaultProxy({ port: workerData as number })
  parentPort?.on('message', (faults: Faults) => proxy.injectBothWays(faults))
  parentPort?.postMessage(proxy.port)
}
