// Server-sent events for the demo: one at once, then one each second, until the listener goes away or `count` is reached.

import type { ServerResponse } from 'node:http'
import type { Clock } from '#kernel'

/** @param target may ask for a number of events: `/events?count=3`. */
export function sendEvents(clock: Clock, target: string, response: ServerResponse): void {
  const count = Number(new URLSearchParams(target.split('?')[1]).get('count') ?? Number.POSITIVE_INFINITY)
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  let sent = 0
  const next = (): void => {
    sent += 1
    response.write(`id: ${sent}\ndata: ${JSON.stringify({ n: sent, at: new Date(clock.now()).toISOString() })}\n\n`)
    if (sent >= count) response.end()
  }
  const cancel = clock.every(1000, next)
  response.on('close', cancel)
  next()
}
