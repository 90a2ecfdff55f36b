// Server-sent events: the first comes with the answer's head, the others when the test says so.

import type { ServerResponse } from 'node:http'
import { at, type Route } from './route.ts'

export interface EventHub {
  /** To everybody who listens now. */
  publish(event: string, data: unknown): void
  /** Says that it is the last, and ends every stream. */
  end(): void
  /** Who listens now. */
  readonly listeners: number
  /** Resolves when so many listen. */
  whenListeners(count: number): Promise<void>
}

export interface WritableEventHub extends EventHub {
  /** @param lastEvent what ends this stream */
  open(response: ServerResponse, first: { event: string; data: unknown }, lastEvent?: string): void
}

export function createEventHub(): WritableEventHub {
  const listeners = new Map<ServerResponse, string>()
  let changed = Promise.withResolvers<void>()
  const announce = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  return Object.freeze({
    get listeners() {
      return listeners.size
    },
    async whenListeners(count: number) {
      while (listeners.size !== count) await changed.promise
    },
    open(response: ServerResponse, first: { event: string; data: unknown }, lastEvent = 'server_close') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      response.write(toText(first.event, first.data))
      listeners.set(response, lastEvent)
      response.once('close', () => {
        listeners.delete(response)
        announce()
      })
      announce()
    },
    publish(event: string, data: unknown) {
      for (const response of listeners.keys()) response.write(toText(event, data))
    },
    end() {
      for (const [response, lastEvent] of listeners) response.end(toText(lastEvent, {}))
    },
  })
}

export const toText = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

export const eventRoutes = (hub: WritableEventHub): readonly Route[] => [
  {
    name: 'GET /events/background-task',
    methods: ['GET'],
    path: at('/events/background-task'),
    access: 'proved',
    answer({ response, query }) {
      const data = { task_id: query.get('task_id'), current_progress: 0, total_progress: 1 }
      hub.open(response, { event: 'bgtask_updated', data })
    },
  },
  {
    name: 'GET /stream/kernel/_/events',
    methods: ['GET'],
    path: at('/stream/kernel/_/events'),
    access: 'proved',
    answer: ({ response }) =>
      hub.open(response, { event: 'kernel_started', data: { reason: 'new-container-started' } }),
  },
]
