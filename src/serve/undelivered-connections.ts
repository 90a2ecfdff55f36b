// A worker may end after the supervisor has dealt it a connection and before it has taken it. Node's cluster module then
// waits for its answer for ever, and so does the client (lib/internal/cluster/round_robin_handle.js, `handoff`). Here the
// answer is given in the worker's place: that it did not take the connection, which sends it to the next worker.

import type { Worker } from 'node:cluster'

/** What the module sends with a connection, and the answer to it. */
interface ClusterMessage {
  readonly cmd: 'NODE_CLUSTER'
  readonly act?: string
  readonly seq?: number
  readonly ack?: number
  readonly accepted?: boolean
}

interface Connection {
  close(): void
}

const listening = new Set<Worker>()

/** To be called before the worker listens. */
export function passOnUndelivered(worker: Worker): void {
  const undelivered = new Map<number, Connection>()
  const channel = worker.process
  const send = channel.send.bind(channel) as (...args: unknown[]) => boolean
  channel.send = (message: unknown, ...others: unknown[]): boolean => {
    const { act, seq } = message as ClusterMessage
    if (act === 'newconn' && seq !== undefined) undelivered.set(seq, others[0] as Connection)
    return send(message, ...others)
  }
  channel.on('internalMessage', ({ ack }: ClusterMessage) => {
    if (ack !== undefined) undelivered.delete(ack)
  })
  worker.once('listening', () => listening.add(worker))
  // Both the process and its channel have ended: there are no more answers. (With a connection under way, Node tells
  // of no 'disconnect', and may keep a worker that has ended among those that get connections.)
  channel.once('close', () => {
    worker.disconnect()
    listening.delete(worker)
    for (const [ack, connection] of undelivered) {
      const refused: ClusterMessage = { cmd: 'NODE_CLUSTER', ack, accepted: false }
      if (listening.size > 0) channel.emit('internalMessage', refused)
      else connection.close()
    }
  })
}
