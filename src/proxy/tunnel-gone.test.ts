// Clients that leave before anybody looks at their socket: while it was still being found out who they are.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { z } from 'zod'
import { startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { startProxy } from '../../test/support/start-proxy.ts'
import { checkService, serviceShape } from './index.ts'

const serviceSchema = z.strictObject(serviceShape).superRefine(checkService)

test('who has left before their WebSocket is opened gets none, and leaves nothing open', async () => {
  await using upstream = await startRecordingUpstream()
  const over = Promise.withResolvers<Duplex>()
  await using proxy = await startProxy({
    upstreams: [],
    feature: ({ service }) => {
      const lane = service({ id: 'manager', config: serviceSchema.parse({ to: upstream.url }) }).lane({
        prefix: '/func/',
        sign: { type: 'none' },
      })
      return [
        {
          id: 'func',
          prefix: '/func/',
          routeClass: 'proxied',
          authorize: () => ({ allow: true, rule: 'test' }),
          serve: lane.forward,
          async upgrade(ctx, socket, head) {
            // As a check that asks a store, and takes longer than the client has patience.
            await once(socket, 'end')
            await lane.open(ctx, socket, head).finally(() => over.resolve(socket))
          },
        },
      ]
    },
  })
  const { hostname, port, host, origin } = new URL(proxy.url)
  const client = connect(Number(port), hostname)
  client.on('error', () => {})
  client.end(
    `GET /func/x HTTP/1.1\r\nhost: ${host}\r\norigin: ${origin}\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n`,
  )
  const socket = await over.promise
  assert.equal(socket.destroyed, true)
  assert.equal(upstream.requests.length, 0)
})
