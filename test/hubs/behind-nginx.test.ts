// Two hubs under /arcmanager behind a real nginx, one that takes the base path off and one that does not: addresses, encoded
// paths and large uploads are the same either way, and an upload costs no memory.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { test } from 'node:test'
import { startGatewayProcess } from '../gateway/gateway-process.ts'
import { findFreePort, isMissing, startNginx } from '../support/programs.ts'
import { APP, type HubBrowser, startTwoHubs } from './hubs-lab.ts'

const MIB = 1_048_576
const SIZE = 100 * MIB
const ALLOWED = 40 * MIB

const proxies = [
  { name: 'one that does not strip it', map: '', rest: '' },
  {
    // Not by a slash after the name: nginx would decode what follows, and %2F with it.
    name: 'one that strips it',
    map: 'map $request_uri $below { "~^/arcmanager(?<rest>/.*)$" $rest; }',
    rest: '$below',
  },
]

for (const { name, map, rest } of proxies) {
  test(`below /arcmanager behind nginx, ${name}`, { timeout: 120_000 }, async (t) => {
    const port = await findFreePort()
    const nginx = await startNginx(
      (place) => `
      ${map}
      upstream gatehouse { server 127.0.0.1:${port}; }
      server {
        listen 127.0.0.1:${place.port};
        location /arcmanager/ {
          proxy_pass http://gatehouse${rest};
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto $scheme;
          client_max_body_size 0;
          proxy_request_buffering off;
        }
      }`,
    )
    if (isMissing(nginx)) return t.skip(nginx.missing)
    t.after(() => nginx.stop())
    const url = `${nginx.url}/arcmanager`
    const hubs = await startTwoHubs({ url })
    t.after(() => hubs.close())
    await using gateway = await startGatewayProcess({
      env: hubs.env,
      config: { ...hubs.config, server: { url, listen: `127.0.0.1:${port}`, trustedProxies: ['127.0.0.1'] } },
    })
    const { freiburg } = hubs.hubs
    const ada = hubs.browser()

    await t.test('logins come back, and addresses have the base path', async () => {
      const landed = await ada.logInByApp('ada', 'freiburg')
      assert.deepEqual([landed.status, landed.headers.location], [303, `/arcmanager${APP}`])
      assert.equal((await ada.connect('ada', 'tuebingen')).status, 303)
      const { hubs: shown } = (await ada.get('/api/v1/hubs')).json() as { hubs: readonly { api: string }[] }
      assert.deepEqual(
        shown.map(({ api }) => api),
        ['/arcmanager/hubs/freiburg/api/v4/', '/arcmanager/hubs/tuebingen/api/v4/'],
      )
    })
    await t.test('encoded paths are as they were sent', async () => {
      for (const path of [
        'projects/plants%2Froots%2Fbarley',
        'projects/7/repository/files/a%20b%2F%C3%BC%25.txt?ref=x%2Fy',
      ]) {
        await ada.get(`/hubs/freiburg/api/v4/${path}`)
        assert.equal(freiburg.requests.at(-1)?.target, `/api/v4/${path}`)
      }
    })
    const packagePath = '/hubs/freiburg/api/v4/projects/7/packages/generic/chunks/1'
    await upload(url, ada, `${packagePath}/warm-up`, SIZE / 2)
    await t.test('a part of 100 MiB is handed on while it comes', async () => {
      const before = peakBytes(gateway.pid)
      const [answer, digest] = await upload(url, ada, `${packagePath}/part-0`, SIZE)
      assert.equal(answer.status, 201, answer.text)
      assert.deepEqual(freiburg.projects[0]?.packages.get('chunks/1/part-0'), { sha256: digest, size: SIZE })
      const grown = peakBytes(gateway.pid) - before
      assert.ok(grown < ALLOWED, `${(grown / MIB).toFixed(1)} MiB`)
    })
    await t.test('and so is a file for Git LFS, by the link of the batch', async () => {
      const digest = digestOf(SIZE)
      const batch = await ada.send('/hubs/freiburg/plants/roots/barley.git/info/lfs/objects/batch', {
        method: 'POST',
        headers: { origin: nginx.url },
        body: JSON.stringify({ operation: 'upload', objects: [{ oid: digest, size: SIZE }] }),
      })
      const { objects } = batch.json() as { objects: readonly { actions: { upload: { href: string } } }[] }
      const href = objects[0]?.actions.upload.href ?? ''
      assert.ok(href.startsWith(`${url}/hubs/freiburg/`), href)
      const before = peakBytes(gateway.pid)
      const [answer] = await upload(url, ada, href.slice(url.length), SIZE)
      assert.equal(answer.status, 200, answer.text)
      assert.equal(freiburg.projects[0]?.lfsObjects.get(digest), SIZE)
      const grown = peakBytes(gateway.pid) - before
      assert.ok(grown < ALLOWED, `${(grown / MIB).toFixed(1)} MiB`)
    })
  })
}

const block = Buffer.alloc(65_536, 'gatehouse')

function digestOf(size: number): string {
  const digest = createHash('sha256')
  for (let sent = 0; sent < size; sent += block.length) digest.update(block)
  return digest.digest('hex')
}

/** Sends that much with PUT, as fast as it is taken. */
async function upload(url: string, browser: HubBrowser, path: string, size: number) {
  const sent = request(url + path, {
    method: 'PUT',
    agent: false,
    headers: { cookie: browser.cookieHeader(), origin: new URL(url).origin, 'content-length': size },
  })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  for (let done = 0; done < size; done += block.length) if (!sent.write(block)) await once(sent, 'drain')
  sent.end()
  const [answer] = await answered
  const text = Buffer.concat(await answer.toArray()).toString()
  return [{ status: answer.statusCode, text }, digestOf(size)] as const
}

/** The most that the process has ever had, where that can be read. */
const peakBytes = (pid: number): number =>
  process.platform === 'linux'
    ? Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024
    : 0
