// `gatehouse doctor` beside real programs: a gateway behind nginx, an OpenID provider, stores, services; each thing that can
// be wrong is made wrong once.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { stringify } from 'yaml'
import { Secret } from '#kernel'
import { type Lab, startLab } from '../../test/gateway/lab.ts'
import { type EchoUpstream, startEchoUpstream } from '../../test/support/echo-upstream.ts'
import { MAIL_SERVER_CA, startMailServer } from '../../test/support/mail-server.ts'
import { createAccounts, type OidcProvider, startOidcProvider } from '../../test/support/oidc-provider.ts'
import {
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  startEtcd,
  startNginx,
  startOwnRedis,
} from '../../test/support/programs.ts'
import { runCommand } from '../../test/support/run-command.ts'
import { openTestStores } from '../../test/support/test-stores.ts'
import type { Finding } from './doctor/finding.ts'

const directory = makeDirectory('doctor')
let provider: OidcProvider
let service: EchoUpstream

before(async () => {
  service = await startEchoUpstream()
  const known = {
    clientId: 'gatehouse',
    clientSecret: new Secret('CANARY-secret'),
    redirectUris: ['http://localhost:8080/auth/callback/sso'],
  }
  provider = await startOidcProvider({ accounts: createAccounts(), clients: [known] })
})
after(async () => {
  await provider.close()
  await service.close()
  removeDirectory(directory)
})

const run = (...args: readonly string[]) => runCommand(['doctor', ...args], { cwd: directory })

interface Examined {
  readonly exitCode: number
  readonly find: (check: string) => Finding
}

async function examine(...args: readonly string[]): Promise<Examined> {
  const { exitCode, output, errors } = await run('--json', ...args)
  assert.doesNotMatch(output + errors, /CANARY/)
  const { findings } = JSON.parse(output || assert.fail(errors)) as { readonly findings: readonly Finding[] }
  const find = (check: string) => findings.find((each) => each.check === check) ?? assert.fail(`${check} in ${output}`)
  return { exitCode, find }
}

let files = 0
function write(config: object): readonly string[] {
  files += 1
  const file = join(directory, `${files}.yaml`)
  writeFileSync(file, stringify({ storage: { directory: join(directory, `data-${files}`) }, ...config }))
  return ['--config', file]
}

function writeSecret(mode: number): string {
  const file = join(directory, `secret-${mode.toString(8)}`)
  writeFileSync(file, 'CANARY-secret')
  chmodSync(file, mode)
  return file
}

const is = (finding: Finding, status: Finding['status'], what: RegExp): void => {
  assert.equal(finding.status, status, `${finding.check}: ${finding.what}`)
  assert.match(finding.what, what)
  assert.equal(finding.fix !== undefined, status === 'warning' || status === 'failure')
}

const withOidc = (overlay: object, secretMode = 0o600) => ({
  server: { url: 'http://localhost:8080' },
  identity: [
    {
      id: 'sso',
      type: 'oidc',
      issuer: provider.issuer,
      clientId: 'gatehouse',
      clientSecret: { file: writeSecret(secretMode) },
      ...overlay,
    },
  ],
})

test('before the first start it says what will be, and what is not reached', async () => {
  const port = await findFreePort()
  const { exitCode, find } = await examine(
    ...write({
      server: { url: `http://127.0.0.1:${port}`, listen: `127.0.0.1:${port}`, limits: { connections: 1_000_000 } },
    }),
  )
  assert.equal(exitCode, 1)
  is(find('address'), 'failure', /is not reached: nothing listens there/)
  is(find(`listen 127.0.0.1:${port}`), 'ok', /it is free/)
  is(find('stores'), 'skipped', /no database yet/)
  is(find('key ring'), 'ok', /made at the first start/)
  if (process.platform === 'linux') is(find('open files'), 'warning', /needs up to 2000200/)
})

test('a provider that is right, with the redirect URI that it knows', async () => {
  const { find } = await examine(...write(withOidc({})))
  is(find('discovery sso'), 'ok', /is what it says/)
  is(find('clock sso'), 'ok', /[01] s apart/)
  is(find('redirect URI sso'), 'ok', /comes back to http:\/\/localhost:8080\/auth\/callback\/sso/)
  is(find('secret files'), 'ok', /none is open to others|of which none/)
})

test('a provider that is not: another issuer, redirect URI, algorithm; not there', async () => {
  is(
    (await examine(...write(withOidc({ issuer: `${provider.issuer}/` })))).find('discovery sso'),
    'failure',
    /calls itself/,
  )
  const elsewhere = await examine('--url', 'http://localhost:8081', ...write(withOidc({})))
  is(elsewhere.find('redirect URI sso'), 'failure', /refuses to begin a login with http:\/\/localhost:8081/)
  assert.match(
    elsewhere.find('redirect URI sso').fix ?? '',
    /register .* redirect URI http:\/\/localhost:8081\/auth\/callback\/sso, back-channel/,
  )
  assert.equal(elsewhere.exitCode, 1)
  is(
    (await examine(...write(withOidc({ algorithms: ['ES512'] })))).find('discovery sso'),
    'failure',
    /signs ID tokens with/,
  )
  const gone = await examine(...write(withOidc({ issuer: `http://127.0.0.1:${await findFreePort()}` })))
  is(gone.find('discovery sso'), 'failure', /nothing listens there/)
})

test('a provider whose clock is wrong', async (t) => {
  const server = createServer((request, response) => {
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const at = (path: string): string => `${issuer}${path}`
    response.setHeader('date', new Date(Date.now() - 300_000).toUTCString())
    response.end(
      request.url?.startsWith('/.well-known') === true
        ? JSON.stringify({ issuer, authorization_endpoint: at('/a'), token_endpoint: at('/t'), jwks_uri: at('/k') })
        : '',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const { find } = await examine(...write(withOidc({ issuer: `http://127.0.0.1:${port}` })))
  is(find('clock sso'), 'failure', /(299|300|301) s apart/)
})

test('secret files that others can read are warned of, here and where the configuration is read', {
  skip: process.platform === 'win32',
}, async () => {
  const config = write(withOidc({}, 0o644))
  const { exitCode, find } = await examine(...config)
  is(find('secret files'), 'warning', /secret-644: everybody on this machine can get at it \(mode 0644\)/)
  assert.equal(exitCode, 0 + Number(find('address').status === 'failure'))
})

test('a provider of plain OAuth is told of no address for logouts, which it cannot announce', async () => {
  const plain = {
    id: 'plain',
    type: 'oauth2',
    authorizationUrl: `${provider.issuer}/auth`,
    tokenUrl: `${provider.issuer}/token`,
    userinfoUrl: `${provider.issuer}/me`,
    clientId: 'gatehouse',
    claims: { subject: 'sub' },
  }
  const finding = (await examine(...write({ server: { url: 'http://localhost:8081' }, identity: [plain] }))).find(
    'redirect URI plain',
  )
  is(finding, 'failure', /refuses to begin a login/)
  assert.match(finding.fix ?? '', /redirect URI http:\/\/localhost:8081\/auth\/callback\/plain$/)
})

test('the mail server is asked whether it would take a mail, and gets none', async () => {
  await using server = await startMailServer({ login: { user: 'gate', password: 'CANARY-mail' } })
  await using open = await startMailServer({ isPlain: true })
  const [right, wrong] = ['CANARY-mail', 'CANARY-other'].map((password) => {
    const file = join(directory, password)
    writeFileSync(file, password, { mode: 0o600 })
    return { file }
  })
  const find = async (smtp: object) => {
    const place = { host: 'localhost', port: server.port, ca: MAIL_SERVER_CA, user: 'gate', password: right, ...smtp }
    const mail = { from: 'gate@lab.test', smtp: place }
    const examined = await examine(...write({ server: { url: 'http://localhost:8080' }, mail }))
    return examined.find('mail server')
  }
  is(await find({}), 'ok', /^localhost answers, encrypted, and lets gate in$/)
  is(await find({ password: wrong }), 'failure', /EAUTH/)
  is(await find({ ca: undefined }), 'failure', /self-signed/)
  is(await find({ port: await findFreePort() }), 'failure', /ECONNREFUSED/)
  is(await find({ port: open.port, user: undefined, password: undefined }), 'failure', /takes no mail of ours/)
  is(
    await find({ port: open.port, user: undefined, password: undefined, dangerouslyPlain: true }),
    'ok',
    /^localhost answers, without encryption$/,
  )
  assert.deepEqual([server.received, open.received], [[], []])
  const file = { from: 'gate@lab.test', file: join(directory, 'mails') }
  const examined = await examine(...write({ server: { url: 'http://localhost:8080' }, mail: file }))
  is(examined.find('mail server'), 'skipped', /mails become files in/)
})

test('the Redis that is shared with the Manager is written to and read, and nothing stays', async () => {
  const redis = await startOwnRedis()
  assert.ok(!isMissing(redis))
  const find = async (url: string) => {
    const backendAi = {
      profile: '26.8',
      manager: { to: service.url },
      sharedRedis: { type: 'redis', url },
    }
    return (await examine(...write({ backendAi }))).find('shared Redis')
  }
  is(await find(redis.url), 'ok', /^the Redis of the Manager answers; a write and a read took \d+ ms$/)
  assert.equal(await redis.ask('DBSIZE'), 0)
  is(await find(`redis://127.0.0.1:${await findFreePort()}`), 'failure', /^the Redis of the Manager cannot be used/)
  await redis.stop()
})

test('stores that are real, and stores that are not there', async () => {
  await using stores = await openTestStores('redis-postgres')
  const { find } = await examine(...write({ storage: stores.config }))
  assert.match(find('database').what, /PostgreSQL \d+.* answers; a write and a read took \d+ ms/)
  assert.match(find('session store').what, /answers; a write and a read/)
  is(find('migrations'), 'warning', /\d+ are to be run/)
  is(find('key ring'), 'ok', /holds 1 key, the newest 0 days old/)
  const port = await findFreePort()
  const gone = await examine(
    ...write({
      storage: {
        ...stores.config,
        sql: { type: 'postgres', port, host: '127.0.0.1' },
        keyValue: { type: 'redis', url: `redis://127.0.0.1:${port}/0` },
      },
    }),
  )
  assert.equal(gone.exitCode, 1)
  is(gone.find('database'), 'failure', /cannot be used: .*ECONNREFUSED/)
  is(gone.find('session store'), 'failure', /cannot be used: /)
  is(gone.find('migrations'), 'skipped', /cannot be used/)
})

test('services behind the door: one answers, one does not, one speaks no TLS', async () => {
  const nowhere = `http://127.0.0.1:${await findFreePort()}`
  const allow = ['authenticated']
  const { find } = await examine(
    ...write({
      upstreams: [
        { path: '/a/', to: service.url, allow, sign: { type: 'identity-jwt' } },
        { path: '/b/', to: nowhere, allow },
        { path: '/c/', to: service.url.replace('http:', 'https:'), allow },
      ],
    }),
  )
  is(find('upstream a'), 'ok', /answers \(200\)/)
  is(find('upstream b'), 'failure', /nothing listens there/)
  is(find('upstream c'), 'failure', /does not speak TLS/)
  is(find('signing'), 'skipped', /server\.url/)
})

test('what stands in for the webserver of Backend.AI: its services and its files', async () => {
  const site = join(directory, 'web-ui')
  const backendAi = {
    manager: { to: [service.url, `http://127.0.0.1:${await findFreePort()}`] },
    pipeline: { to: service.url },
    webUi: { directory: site },
  }
  const bare = await examine(...write({ backendAi }))
  is(bare.find('service pipeline'), 'ok', /answers \(200\)/)
  is(bare.find('service manager'), 'ok', /answers \(200\)/)
  is(bare.find('web ui'), 'failure', /index\.html is not there/)
  assert.equal(bare.exitCode, 1)
  mkdirSync(site)
  writeFileSync(join(site, 'index.html'), '<title>Home</title>')
  const away = { ...backendAi, manager: { to: `http://127.0.0.1:${await findFreePort()}` } }
  const built = await examine(...write({ backendAi: away }))
  is(built.find('web ui'), 'ok', /index\.html is there/)
  is(built.find('service manager'), 'failure', /nothing listens there/)
})

test('the hubs: whether each answers', async () => {
  const identity = [{ id: 'sso', type: 'oidc', issuer: service.url, clientId: 'x' }]
  const away = `http://127.0.0.1:${await findFreePort()}`
  const hubAt = (to: string) => ({ hubs: [{ id: 'one', provider: 'sso', to }] })
  const { find } = await examine(...write({ identity, hubs: hubAt(service.url) }))
  is(find('service hub-one'), 'ok', /answers \(200\)/)
  const gone = await examine(...write({ identity, hubs: hubAt(away) }))
  is(gone.find('service hub-one'), 'failure', /nothing listens there/)
})

const nginxTo = (listen: number, port: number, { lines, more }: Proxying): string => `
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:${listen};
    location / { proxy_pass http://127.0.0.1:${port}; proxy_http_version 1.1; proxy_set_header Host $http_host; ${lines} }
    ${more ?? ''}
  }`

const GOOD = `client_max_body_size 0; proxy_request_buffering off; proxy_buffering off;
  proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;`

/** An event each fifth of a second, until nobody listens; at `/once` only the first, as if something collected the rest. */
async function startTicker() {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: tick\n\n')
    if (request.url === '/once') return
    const ticks = setInterval(() => response.write('data: tick\n\n'), 200)
    response.on('close', () => clearInterval(ticks))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface Proxying {
  /** Directives beside the usual ones. */
  readonly lines: string
  /** Other locations. */
  readonly more?: string
}

async function behindNginx(how: Proxying, work: (url: string, lab: Lab) => Promise<void>): Promise<void> {
  const gatewayPort = await findFreePort()
  await using ticker = await startTicker()
  const nginx = await startNginx(({ port }) => nginxTo(port, gatewayPort, how))
  if (isMissing(nginx)) throw new Error(nginx.missing)
  try {
    await using lab = await startLab({
      config: {
        server: { url: nginx.url, listen: `127.0.0.1:${gatewayPort}`, trustedProxies: ['127.0.0.1'] },
        upstreams: [{ path: '/ticks/', to: ticker.url, allow: ['public'], sign: { type: 'identity-jwt' } }],
      },
    })
    await work(nginx.url, lab)
  } finally {
    await nginx.stop()
  }
}

test('a gateway that runs behind a proxy that does all it should', async () => {
  await behindNginx({ lines: GOOD }, async (_url, lab) => {
    const config = lab.gateway.configFiles.flatMap((file) => ['--config', file])
    const { exitCode, find } = await examine('--stream', '/ticks/', ...config)
    for (const check of ['address', 'readiness', 'upgrade', 'bodies', 'migrations', 'signing', 'streams']) {
      is(find(check), 'ok', /./)
    }
    // However busy this machine is: slow is a warning.
    for (const check of ['database', 'session store']) assert.notEqual(find(check).status, 'failure', find(check).what)
    is(find('cookie'), 'ok', /__Host-gatehouse: Path=\/, HttpOnly, SameSite=Lax, Secure/)
    is(find('front proxy'), 'ok', /names the client: 127\.0\.0\.1/)
    assert.equal(exitCode, 0)
    const { output } = await run(...config)
    assert.match(output, /^ok +cookie /m)
    assert.match(output, /\n0 failures, /)
  })
})

test('a proxy in front that does nothing that it should', async () => {
  await behindNginx({ lines: 'proxy_cookie_flags ~ nosecure nohttponly;' }, async (_url, lab) => {
    const { exitCode, find } = await examine(
      '--stream',
      '/ticks/once',
      ...lab.gateway.configFiles.flatMap((file) => ['--config', file]),
    )
    is(find('streams'), 'warning', /arrived within 4 s/)
    is(find('upgrade'), 'failure', /arrives as a plain request/)
    is(find('bodies'), 'warning', /refuses a body of 1 GiB \(413\)/)
    is(find('cookie'), 'failure', /HttpOnly is missing, .*Secure/)
    is(find('front proxy'), 'warning', /that the client made up/)
    assert.equal(exitCode, 1)
  })
  const collects = {
    lines: GOOD.replace('proxy_request_buffering off;', ''),
    more: 'location /auth/jwks.json { default_type text/html; return 200 "<p>The canteen</p>"; }',
  }
  await behindNginx(collects, async (_url, lab) => {
    const { find } = await examine(...lab.gateway.configFiles.flatMap((file) => ['--config', file]))
    is(find('bodies'), 'warning', /collects bodies/)
    is(find('signing'), 'failure', /jwks\.json answers 200 and no keys/)
  })
})

test('what is no configuration, or no address, is said as elsewhere', async () => {
  assert.equal((await run('--config', 'none.yaml')).exitCode, 1)
  assert.equal((await run('--url', 'gate')).exitCode, 2)
  assert.equal((await run('--stream', 'events')).exitCode, 2)
})

test('each member of etcd, and what is under the prefixes that are used', async (t) => {
  const etcd = await startEtcd()
  if (isMissing(etcd)) return t.skip(etcd.missing)
  try {
    await etcd.put('/services/m/1', service.url)
    const [url = ''] = etcd.urls
    const upstream = (prefix: string) => ({ path: `/${prefix.length}/`, discover: { type: 'etcd', prefix } })
    const away = `http://127.0.0.1:${await findFreePort()}`
    const backendAi = { manager: { discover: { type: 'etcd', prefix: '/services/managers/' } } }
    const config = { etcd: { endpoints: [url, away] }, upstreams: [upstream('/services/m/')], backendAi }
    await etcd.put('/services/managers/1', service.url)
    const { find } = await examine(...write(config))
    is(find(`etcd ${url}`), 'ok', /1 keys under \/services\/m\/, 1 keys under \/services\/managers\//)
    is(find(`etcd ${away}`), 'failure', /ECONNREFUSED/)
    const empty = { ...config, upstreams: [...config.upstreams, upstream('/services/nobody/')] }
    is((await examine(...write(empty))).find(`etcd ${url}`), 'warning', /nothing is under \/services\/nobody\//)
  } finally {
    await etcd.stop()
  }
})
