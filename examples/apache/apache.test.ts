// The files of this folder, with the real Apache; without TLS, which they leave to three lines.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { startLab } from '../../test/gateway/lab.ts'
import { startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { adapt } from '../../test/support/front-lab.ts'
import { findFreePort, isMissing, startApache } from '../../test/support/programs.ts'
import { sendRaw } from '../../test/support/raw-http.ts'

const folder = new URL('.', import.meta.url)
const NO_TLS = {
  'SSLEngine on': '',
  'SSLCertificateFile    /etc/ssl/gate.pem': '',
  'SSLCertificateKeyFile /etc/ssl/gate-key.pem': '',
}

// biome-ignore format: a table
const fronts: readonly { readonly name: string; readonly base: string; readonly file: string; readonly changes: Readonly<Record<string, string>> }[] = [
  { name: 'at the root',                  base: '',      file: 'gate.conf',       changes: { 'ServerName gate.example.org': '' } },
  { name: 'under a path that stays',      base: '/gate', file: 'under-path.conf', changes: { 'ServerName www.example.org': '', 'DocumentRoot /var/www/html': '' } },
  { name: 'under a path that Apache takes off', base: '/gate', file: 'under-path.conf',
    changes: { 'ServerName www.example.org': '', 'DocumentRoot /var/www/html': '', ':8080/gate/': ':8080/' } },
]

for (const { name, base, file, changes } of fronts) {
  test(`Apache in front of Gatehouse ${name}`, async (t) => {
    await using echo = await startEchoUpstream()
    const gateway = `127.0.0.1:${await findFreePort()}`
    const apache = await startApache({ modules: ['proxy', 'proxy_http', 'alias'] }, ({ port }) =>
      adapt(new URL(file, folder), { ...NO_TLS, ...changes, '*:443': `127.0.0.1:${port}`, '127.0.0.1:8080': gateway }),
    )
    if (isMissing(apache)) return t.skip(apache.missing)
    t.after(() => apache.stop())
    const { server, upstreams } = parse(
      readFileSync(new URL('gatehouse.yaml', folder), 'utf8').replace('127.0.0.1:3000', `127.0.0.1:${echo.port}`),
    )
    const url = apache.url + base
    await using lab = await startLab({ config: { server: { ...server, url, listen: gateway }, upstreams } })
    const ada = await lab.logIn('ada')
    const { port } = apache

    await t.test('a stranger is sent to log in below the base path', async () => {
      const sent = await lab.stranger().get('/wiki/x', { accept: 'text/html' })
      assert.deepEqual([sent.status, sent.headers.location], [303, `${base}/auth/login?returnTo=%2Fwiki%2Fx`])
      assert.equal((await lab.stranger().get('/auth/login', { accept: 'text/html' })).status, 200)
    })

    await t.test('the service gets the path byte for byte, and the address of the client', async () => {
      for (const path of ['/a%2Fb;c=d?x=%2F&y=a+b', '/a//b', '/%C3%A4/%20', '/group%2Fproject', '/x?']) {
        const { target, headers } = (await ada.get(`/wiki${path}`, { 'x-forwarded-for': '192.0.2.9' })).json() as {
          readonly target: string
          readonly headers: Readonly<Record<string, string>>
        }
        assert.deepEqual([target, headers['x-forwarded-for']], [path, '127.0.0.1'])
      }
    })

    await t.test('what has two readings reaches nobody', async () => {
      for (const path of ['/wiki/../x', '/wiki/%2e%2e/x', '/wiki/..%2fx', '/wiki/a%5cb', '/wiki/%61']) {
        const head = `GET ${base}${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${ada.cookieHeader()}\r\n`
        const { text } = await sendRaw(port, `${head}Connection: close\r\n\r\n`)
        assert.ok(!text.includes('"target":'), `${path} ${text}`)
      }
    })

    await t.test('a body arrives whole, and events when they happen', async () => {
      const posted = (await ada.post('/wiki/upload', { text: 'x'.repeat(300_000) })).json() as { readonly body: string }
      assert.equal(posted.body.length, 300_005)
      const events = await fetch(`${url}/wiki/events`, { headers: { cookie: ada.cookieHeader() } })
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader()
      echo.emit('now')
      assert.equal((await reader?.read())?.value, 'data: now\n\n')
      await reader?.cancel()
    })

    await t.test('a WebSocket carries messages both ways', async () => {
      const headers = { cookie: ada.cookieHeader() }
      const socket = new WebSocket(`${url.replace('http', 'ws')}/wiki/socket`, { origin: apache.url, headers })
      await once(socket, 'open')
      socket.send('hello')
      const [data] = await once(socket, 'message')
      assert.equal(String(data), 'hello')
      socket.close()
      await once(socket, 'close')
    })

    await t.test('the logout is here, too', async () => {
      const out = await ada.post('/auth/logout')
      assert.deepEqual([out.status, out.headers.location], [303, `${base}/auth/logged-out`])
      assert.equal((await ada.get('/wiki/x')).status, 401)
    })
  })
}
