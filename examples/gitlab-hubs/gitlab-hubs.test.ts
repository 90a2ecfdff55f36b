// The files of this folder, with the real nginx, a socket handed over as systemd does, several processes and two stand-ins
// for GitLab; without TLS, which they leave to two lines.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { type GatewayProcess, startGatewayProcess } from '../../test/gateway/gateway-process.ts'
import { FROM_APP, type HubBrowser, startTwoHubs, type TwoHubs } from '../../test/hubs/hubs-lab.ts'
import { adapt } from '../../test/support/front-lab.ts'
import {
  isMissing,
  makeDirectory,
  type Nginx,
  removeDirectory,
  startNginx,
  waitUntil,
} from '../../test/support/programs.ts'

const folder = new URL('.', import.meta.url)

interface Site {
  readonly nginx: Nginx
  readonly hubs: TwoHubs
  readonly gateway: GatewayProcess
}

test('two hubs behind nginx and systemd’s socket, with several processes', { timeout: 180_000 }, async (t) => {
  const directory = makeDirectory('hubs')
  t.after(() => removeDirectory(directory))
  const path = join(directory, 'gatehouse.sock')
  mkdirSync(join(directory, 'app'))
  writeFileSync(join(directory, 'app', 'index.html'), 'the web app')
  const nginx = await startNginx(({ port }) =>
    adapt(new URL('gate.conf', folder), {
      'listen 443 ssl;': `listen 127.0.0.1:${port};`,
      'server_name arcs.example.org;': '',
      'ssl_certificate     /etc/ssl/gate.pem;': '',
      'ssl_certificate_key /etc/ssl/gate-key.pem;': '',
      '/run/gatehouse.sock': path,
      '/srv/arcmanager-app/': `${directory}/app/`,
      // Each request comes to another process.
      '  keepalive 32;': '',
    }),
  )
  if (isMissing(nginx)) return t.skip(nginx.missing)
  t.after(() => nginx.stop())
  const url = `${nginx.url}/arcmanager`
  const hubs = await startTwoHubs({ url })
  t.after(() => hubs.close())
  const socket = createServer().listen(`${path}.first`)
  await once(socket, 'listening')
  // Node takes the name away with its own end of the socket.
  renameSync(`${path}.first`, path)
  const secrets = { FREIBURG_SECRET: hubs.env.HUB_SECRET ?? '', TUEBINGEN_SECRET: hubs.env.HUB_SECRET ?? '' }
  await using gateway = await startGatewayProcess({
    systemdDescriptor: descriptorOf(socket),
    env: secrets,
    config: configFor(hubs, url),
  })
  // From here on it is the gateway's alone, as it is when systemd has started it.
  socket.close()
  const site = { nginx, hubs, gateway }

  const ada = hubs.browser()
  await t.test('log in by the web app, connect the other, call both', () => checkBoth(site, ada))
  await t.test('the portal lists them, beside their addresses', async () => {
    // nginx sends browsers to its own place for the hubs.
    const { status, headers } = await ada.get('/hubs', { accept: 'text/html' })
    assert.deepEqual([status, new URL(String(headers.location)).pathname], [301, '/arcmanager/hubs/'])
    assert.equal((await ada.get('/hubs/', { accept: 'text/html' })).status, 200)
    const { pages } = (await ada.get('/api/v1/portal')).json() as { pages: readonly string[] }
    assert.ok(pages.includes('hubs'))
  })
  await t.test('a login begun in one process is completed in another', () => checkProcesses(gateway))
  await t.test('the web app itself is nginx’s', async () => {
    assert.equal((await ada.get('/app/index.html')).text, 'the web app')
  })
  await t.test('all are exchanged, and who was logged in still is', () => checkExchange(site, ada))
  await t.test('told to stop, it finishes what it has, and leaves nothing', () => checkStop(site, ada, t))
})

/** The example's own, with the addresses of this machine. */
function configFor({ hubs, config }: TwoHubs, url: string): Readonly<Record<string, unknown>> {
  let text = readFileSync(new URL('gatehouse.yaml', folder), 'utf8')
  const replacements = {
    'https://arcs.example.org/arcmanager': url,
    'https://git.example.org': hubs.freiburg.url,
    'https://gitlab.example.org': hubs.tuebingen.url,
  }
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(text.includes(from), from)
    text = text.replaceAll(from, to)
  }
  const example = parse(text) as { readonly server: object; readonly identity: readonly object[] }
  const clients = config.identity as readonly { readonly clientId: string }[]
  return {
    ...example,
    // Enough to tell one from another.
    server: { ...example.server, processes: 2 },
    telemetry: { metrics: false },
    identity: example.identity.map((entry, index) => ({ ...entry, clientId: clients[index]?.clientId })),
  }
}

async function checkBoth({ hubs: { hubs } }: Site, ada: HubBrowser): Promise<void> {
  const landed = await ada.logInByApp('ada', 'freiburg')
  assert.deepEqual([landed.status, landed.headers.location], [303, '/arcmanager/app/index.html'])
  assert.equal((await ada.connect('ada', 'tuebingen')).status, 303)
  // The other process may not have heard of it yet; so many calls come to both.
  const callOften = () => Promise.all([1, 2, 3, 4].map(() => ada.get('/hubs/tuebingen/api/v4/user')))
  await waitUntil(async () => (await callOften()).every(({ status }) => status === 200), 2_000)
  for (const [name, id] of [
    ['freiburg', 101],
    ['tuebingen', 201],
  ] as const) {
    const user = (await ada.get(`/hubs/${name}/api/v4/user`)).json()
    assert.equal((user as { id: number }).id, id)
    const project = await ada.get(`/hubs/${name}/api/v4/projects/plants%2Froots%2Fbarley`)
    assert.equal(project.status, 200)
    assert.equal(hubs[name].requests.at(-1)?.target, '/api/v4/projects/plants%2Froots%2Fbarley')
  }
}

function checkProcesses({ logs }: GatewayProcess): void {
  const workersOf = (pattern: string) => logs.filter(({ path }) => path === pattern).map(({ worker }) => worker)
  const [began] = workersOf('/api/v1/auth/login')
  const [completed] = workersOf('/api/v1/auth/callback')
  assert.ok(began !== undefined && completed !== undefined, 'both are in the log')
  assert.notEqual(began, completed)
}

async function checkExchange({ gateway }: Site, ada: HubBrowser): Promise<void> {
  const exchanged = gateway.saysNext('config_reloaded')
  gateway.signal('SIGUSR2')
  let isOver = false
  const statuses = new Set<number>()
  const asking = (async () => {
    while (!isOver) statuses.add((await ada.get('/hubs/freiburg/api/v4/user')).status)
  })()
  await exchanged
  isOver = true
  await asking
  assert.deepEqual([...statuses], [200])
  assert.equal((await ada.get('/api/v1/auth/refresh', FROM_APP)).status, 200)
}

async function checkStop({ gateway, hubs: { hubs } }: Site, ada: HubBrowser, t: TestContext): Promise<void> {
  const arrived = Promise.withResolvers<void>()
  const held = Promise.withResolvers<undefined>()
  t.after(() => held.resolve(undefined))
  hubs.freiburg.instead = () => {
    arrived.resolve()
    return held.promise
  }
  const underWay = ada.get('/hubs/freiburg/api/v4/user')
  await arrived.promise
  const stopping = gateway.saysNext('stopping')
  gateway.signal('SIGTERM')
  await stopping
  held.resolve(undefined)
  assert.equal((await underWay).status, 200)
  assert.equal((await gateway.exited).code, 0)
}

/** Node gives a process's own server no other name than this. */
const descriptorOf = (server: Server): number =>
  (server as unknown as { readonly _handle: { readonly fd: number } })._handle.fd
