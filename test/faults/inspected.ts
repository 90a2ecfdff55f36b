// Looks into a gateway process through Node's inspector: its heap after a forced collection, and what it waits for.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import { findFreePort } from '../support/programs.ts'

export interface InspectorPort {
  /** For the process. */
  readonly env: Readonly<Record<string, string>>
  /** Once it runs. */
  connect(): Promise<Inspected>
}

export interface Inspected extends AsyncDisposable {
  /** What is left after everything that can be has been collected, bytes. */
  heapBytes(): Promise<number>
  /** Timers that are set. */
  timers(): Promise<number>
}

export async function reserveInspectorPort(): Promise<InspectorPort> {
  const address = `127.0.0.1:${await findFreePort()}`
  return { env: { NODE_OPTIONS: `--inspect=${address}` }, connect: () => connect(address) }
}

async function connect(address: string): Promise<Inspected> {
  const targets = (await (await fetch(`http://${address}/json/list`)).json()) as { webSocketDebuggerUrl: string }[]
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '')
  await once(socket, 'open')
  let lastId = 0

  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const id = ++lastId
    socket.send(JSON.stringify({ id, method, params }))
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer]
      const { id: answered, result } = JSON.parse(data.toString()) as { id?: number; result?: unknown }
      if (answered === id) return result
    }
  }

  return {
    async heapBytes() {
      // What the first one finalizes is collected by the second.
      await send('HeapProfiler.collectGarbage')
      await send('HeapProfiler.collectGarbage')
      return ((await send('Runtime.getHeapUsage')) as { usedSize: number }).usedSize
    },
    async timers() {
      const expression = 'process.getActiveResourcesInfo().filter((what) => what === "Timeout").length'
      const { result } = (await send('Runtime.evaluate', { expression })) as { result: { value: number } }
      return result.value
    },
    [Symbol.asyncDispose]: async () => socket.terminate(),
  }
}
