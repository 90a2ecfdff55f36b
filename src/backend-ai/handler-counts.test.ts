import assert from 'node:assert/strict'
import { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { Mount } from '#http'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createHandlerCounts, forwardingHandlerOf } from './handler-counts.ts'

const NAMES = `total_async_tasks total_active_handlers active_static_handlers active_webui_handlers
  active_config_handlers active_login_handlers active_login_check_handlers active_token_login_handlers
  active_logout_handlers active_healthcheck_handlers active_proxy_api_handlers active_proxy_plugin_handlers
  active_proxy_websocket_handlers`

const ctx = createFakeContext({ target: '/func/x' })

const mountOf = (serve: Mount['serve']): Mount => ({
  id: 'func',
  prefix: '/func/',
  routeClass: 'proxied',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve,
  upgrade: async () => {},
})

test('the thirteen numbers are there by their names, in their order', () => {
  assert.deepEqual(Object.keys(createHandlerCounts().read()), NAMES.split(/\s+/))
})

test('a request counts as long as it is answered, and a WebSocket as long as it is open', async () => {
  const counts = createHandlerCounts()
  const served = Promise.withResolvers<void>()
  const mount = counts.mount(
    mountOf(() => served.promise),
    forwardingHandlerOf,
  )
  const response = mount.serve(ctx, new ServerResponse(ctx.request))
  const socket = new PassThrough()
  await mount.upgrade?.(ctx, socket, Buffer.of())
  const { total_active_handlers, active_proxy_api_handlers, active_proxy_websocket_handlers } = counts.read()
  assert.deepEqual([total_active_handlers, active_proxy_api_handlers, active_proxy_websocket_handlers], [2, 1, 1])
  served.reject(new Error('failed'))
  await assert.rejects(async () => response)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.destroy()
  await closed
  assert.equal(counts.read().total_active_handlers, 0)
})

test('what has no number of its own counts in the total', async () => {
  const counts = createHandlerCounts()
  const served = Promise.withResolvers<void>()
  const mount = counts.mount(
    mountOf(() => served.promise),
    () => undefined,
  )
  const response = mount.serve(ctx, new ServerResponse(ctx.request))
  assert.equal(counts.read().total_active_handlers, 1)
  served.resolve()
  await response
  assert.equal(counts.read().total_active_handlers, 0)
})

test('what handles a request is told by its path', () => {
  const table = {
    '/server/login': 'login',
    '/server/login-check': 'login_check',
    '/server/extend-login-session': undefined,
    '/func/folders': 'proxy_api',
    '/func/openid/login': 'proxy_plugin',
    '/func/auth/signup': 'proxy_plugin',
    '/func/auth/signups': 'proxy_api',
    '/pipeline/x': 'proxy_api',
  }
  for (const [target, handler] of Object.entries(table))
    assert.equal(forwardingHandlerOf(createFakeContext({ target })), handler, target)
})
