// Logins that a server in front has made and says over a unix socket: whoever may open that is the front server, without
// any secret. What comes by a port proves nobody, whatever it says of itself.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { type Answer, asForm, ask, cookiesOf } from './ask.ts'

const directory = makeDirectory('front-unix')
const socketPath = join(directory, 'gatehouse.sock')
let port: number
let origin: string
let gateway: TestGateway

before(async () => {
  port = await findFreePort()
  origin = `http://localhost:${port}`
  gateway = await startGateway({
    config: {
      server: {
        url: origin,
        listen: [`unix:${socketPath}`, `127.0.0.1:${port}`],
        trustedProxies: ['unix', '127.0.0.1'],
      },
      identity: [{ id: 'front', type: 'trusted-header', from: ['unix'], headers: { subject: 'Remote-User' } }],
    },
  })
})
after(async () => {
  await gateway.close()
  removeDirectory(directory)
})

type Way = { readonly socketPath: string } | { readonly port: number }

/** Begins a login that way, and comes back the other one with these headers. */
async function logIn(begun: Way, back: Way, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const form = asForm(origin, {})
  const host = new URL(origin).host
  const begin = await ask({ ...begun, path: '/auth/login/front', ...form, headers: { ...form.headers, host } })
  assert.equal(begin.status, 303, begin.text)
  const target = new URL(String(begin.headers.location))
  assert.equal(target.origin, origin)
  const path = target.pathname + target.search
  return ask({ ...back, path, headers: { host, cookie: cookiesOf(begin), ...headers } })
}

const asAda = { 'remote-user': 'ada' }

test('whom the front server names over the socket is logged in', async () => {
  const answer = await logIn({ socketPath }, { socketPath }, { ...asAda, 'x-forwarded-for': '203.0.113.7' })
  assert.equal(answer.status, 303, answer.text)
  const me = await ask({ port, path: '/api/v1/me', headers: { host: new URL(origin).host, cookie: cookiesOf(answer) } })
  assert.match(me.text, /"username":"ada"/)
})

test('over the socket without the header nobody is', async () => {
  assert.equal((await logIn({ socketPath }, { socketPath }, {})).status, 401)
})

test('by the port the same header proves nobody, also not with an address that says unix', async () => {
  for (const more of [
    {},
    { 'x-forwarded-for': 'unix' },
    { 'x-forwarded-for': 'unix, unix' },
    { 'x-real-ip': 'unix' },
  ]) {
    for (const begun of [{ port }, { socketPath }]) {
      const { status, headers } = await logIn(begun, { port }, { ...asAda, ...more })
      assert.equal(status, 401, JSON.stringify(more))
      assert.doesNotMatch(JSON.stringify(headers['set-cookie'] ?? []), /__Host-gatehouse=[^;]/)
    }
  }
})
