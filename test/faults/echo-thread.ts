// The echo upstream in a thread of its own, so that whoever measures beside it does not hold it up.

import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { startEchoUpstream } from '../support/echo-upstream.ts'

export interface EchoThread extends AsyncDisposable {
  readonly url: string
}

export async function startEchoThread(): Promise<EchoThread> {
  const worker = new Worker(new URL(import.meta.url))
  const [url] = (await once(worker, 'message')) as [string]
  return { url, [Symbol.asyncDispose]: async () => void (await worker.terminate()) }
}

if (!isMainThread) {
  const { url } = await startEchoUpstream()
  parentPort?.postMessage(url)
}
