// The files of this folder without Envoy, which Debian does not have: Gatehouse is asked what Envoy's manual says that Envoy
// asks with this configuration, and the answer is read as it says.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { startFrontLab } from '../../test/support/front-lab.ts'
import { createClient, type TestClient } from '../../test/support/http-client.ts'
import { isMissing } from '../../test/support/programs.ts'

const folder = new URL('.', import.meta.url)

const names = z
  .object({ patterns: z.array(z.strictObject({ exact: z.string() })) })
  .transform(({ patterns }) => patterns.map(({ exact }) => exact))
const extAuthz = z.object({
  failure_mode_allow: z.literal(false),
  allowed_headers: names,
  http_service: z.object({
    path_prefix: z.string(),
    authorization_response: z.object({ allowed_upstream_headers: names, allowed_client_headers: names }),
  }),
})
const envoy = z.object({
  static_resources: z.object({
    listeners: z.tuple([
      z.object({
        filter_chains: z.tuple([
          z.object({
            filters: z.tuple([
              z.object({
                typed_config: z.object({
                  http_filters: z.tuple([z.object({ typed_config: extAuthz }), z.unknown()]),
                  route_config: z.object({
                    virtual_hosts: z.tuple([
                      z.object({
                        routes: z.array(
                          z.object({
                            match: z.object({ prefix: z.string() }),
                            direct_response: z.object({ status: z.number() }).optional(),
                            typed_per_filter_config: z.unknown().optional(),
                          }),
                        ),
                      }),
                    ]),
                  }),
                }),
              }),
            ]),
          }),
        ]),
      }),
    ]),
  }),
})

const text = readFileSync(new URL('envoy.yaml', folder), 'utf8')
const [listener] = envoy.parse(parse(text)).static_resources.listeners
const { http_filters, route_config } = listener.filter_chains[0].filters[0].typed_config
const { allowed_headers, http_service } = http_filters[0].typed_config
const { allowed_upstream_headers, allowed_client_headers } = http_service.authorization_response

test('Envoy as configured asks with all that is needed, and passes on all that is answered', async (t) => {
  const front = await startFrontLab(folder, async ({ gateway }) => ({ url: `http://${gateway}`, stop: async () => {} }))
  if (isMissing(front)) return t.skip(front.missing)
  await using running = front
  const { lab, url } = running

  /** Method, Host and path go by themselves; of the rest, what is allowed. */
  const ask = (client: TestClient, uri: string, method = 'GET', headers: Readonly<Record<string, string>> = {}) => {
    const all = { ...headers, cookie: client.cookieHeader(), 'x-forwarded-for': '203.0.113.7' }
    const allowed = Object.entries(all).filter(([name, value]) => allowed_headers.includes(name) && value !== '')
    const sent = { host: new URL(url).host, 'content-length': '0', ...Object.fromEntries(allowed) }
    return createClient(url).send(http_service.path_prefix + uri, { method, headers: sent })
  }

  const [ada, mallory] = await Promise.all([lab.logIn('ada'), lab.logIn('mallory')])
  const stranger = createClient(url)
  assert.equal((await ask(stranger, '/wiki/public/x?y')).status, 200)
  assert.equal((await ask(stranger, '/wiki/x')).status, 401)
  assert.equal((await ask(mallory, '/wiki/x?x=/wiki/public/')).status, 403)
  assert.equal((await ask(ada, '/wiki/x', 'POST', { origin: 'https://evil.test' })).status, 403)
  const handshake = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
  assert.equal((await ask(ada, '/wiki/x', 'GET', { ...handshake, origin: 'https://evil.test' })).status, 403)
  assert.equal((await ask(ada, '/wiki/x', 'GET', { ...handshake, origin: url })).status, 200)
  const login = await ask(stranger, '/wiki/x', 'GET', { accept: 'text/html', 'sec-fetch-mode': 'navigate' })
  assert.deepEqual([login.status, allowed_client_headers.includes('location')], [303, true])
  const yes = await ask(ada, '/wiki/x', 'POST', { origin: url })
  assert.equal(yes.status, 200)
  const said = Object.keys(yes.headers).filter((name) => name.startsWith('remote-') || name.startsWith('x-gatehouse'))
  assert.deepEqual(said.toSorted(), allowed_upstream_headers.toSorted())
})

test('the routes keep what is asked from outside, and only Gatehouse itself is not asked about', () => {
  const [{ routes }] = route_config.virtual_hosts
  assert.deepEqual(
    routes.map(({ match, direct_response, typed_per_filter_config: own }) => [
      match.prefix,
      direct_response?.status,
      own !== undefined,
    ]),
    [
      ['/auth/verify', 404, true],
      ['/wiki/', undefined, false],
      ['/', undefined, true],
    ],
  )
})
