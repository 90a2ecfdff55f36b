// An installation to walk through, seen from outside: where it is and who may log in. Three ways to have one: the demo as
// people start it, one node, and two nodes behind nginx. Both of the latter have the demo's login provider and services.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { Secret, systemClock } from '#kernel'
import type { LogEntry } from '#telemetry'
import { createDemoAccounts } from '../../src/cli/demo/accounts.ts'
import { toDemoConfig } from '../../src/cli/demo/config-text.ts'
import { startEcho } from '../../src/cli/demo/echo.ts'
import { startManager } from '../../src/cli/demo/manager.ts'
import { startProvider } from '../../src/cli/demo/provider-server.ts'
import { readGuide } from '../docs/guide-text.ts'
import { findFreePort, isMissing, makeDirectory, removeDirectory, startNginx } from '../support/programs.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'

export interface Door extends AsyncDisposable {
  /** What people open. */
  readonly url: string
  readonly metricsUrls: readonly string[]
  readonly accounts: readonly DoorAccount[]
}

export interface DoorAccount {
  readonly username: string
  readonly password: string
  readonly groups: readonly string[]
}

/** One that runs in this process, so that it can be looked into. */
export interface GlassDoor extends Door {
  readonly nodes: readonly TestGateway[]
  readonly stores: TestStores
  readonly logs: () => readonly LogEntry[]
  /** Passwords, the client secret and the Manager's secret keys. */
  readonly secrets: readonly string[]
}

export interface NodeOptions {
  readonly config?: ConfigLayer
  /** For tests that must recognise the secrets of their run. */
  readonly newSecret?: () => string
  /** Instead of the demo's. */
  readonly startProvider?: typeof startProvider
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `gatehouse demo --json` as a process of its own. */
export async function startDemoProcess(): Promise<Door> {
  const directory = makeDirectory('demo')
  const args = [main, 'demo', '--json', '--port', '0', '--directory', directory]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const stop = async (): Promise<void> => {
    child.kill('SIGINT')
    await exited
    removeDirectory(directory)
  }
  const line = once(createInterface(child.stdout), 'line')
  const ended = exited.then(([code]) => Promise.reject(new Error(`the demo ended with ${code}`)))
  ended.catch(() => {})
  const [text] = (await Promise.race([line, ended])) as [string]
  const { url, metricsUrl, accounts } = JSON.parse(text) as Pick<Door, 'url' | 'accounts'> & { metricsUrl: string }
  return Object.freeze({ url, metricsUrls: [metricsUrl], accounts, [Symbol.asyncDispose]: stop })
}

export async function startOneNode(options: NodeOptions = {}): Promise<GlassDoor> {
  const port = await findFreePort()
  return startNodes([port], `http://127.0.0.1:${port}`, options)
}

/** Every request may reach the other node than the one before: nginx turns them round, with nothing sticky. */
export async function startTwoNodes(options: NodeOptions = {}): Promise<GlassDoor> {
  const ports = [await findFreePort(), await findFreePort()]
  const nginx = await startNginx(({ port }) => roundRobin(port, ports))
  if (isMissing(nginx)) throw new Error(nginx.missing)
  const door = await startNodes(ports, nginx.url, options)
  const dispose = async (): Promise<void> => {
    await nginx.stop()
    await door[Symbol.asyncDispose]()
  }
  return Object.freeze({ ...door, [Symbol.asyncDispose]: dispose })
}

/**
 * One node under a path of another site.
 *
 * @param passedOn whether the proxy passes the path on as it is, or takes it off
 */
export async function startUnderPath(passedOn: boolean): Promise<GlassDoor> {
  const port = await findFreePort()
  const nginx = await startNginx(({ port: own }) => {
    const plain = roundRobin(own, [port, port])
    return passedOn ? plain : plain.replace('location / {', 'location /gate/ {\n    rewrite ^/gate(/.*)$ $1 break;')
  })
  if (isMissing(nginx)) throw new Error(nginx.missing)
  const door = await startNodes([port], `${nginx.url}/gate`, { config: { server: { trustedProxies: ['127.0.0.1'] } } })
  const dispose = async (): Promise<void> => {
    await nginx.stop()
    await door[Symbol.asyncDispose]()
  }
  return Object.freeze({ ...door, [Symbol.asyncDispose]: dispose })
}

/** The example of the documentation, on these ports and without its certificate. */
function roundRobin(port: number, ports: readonly number[]): string {
  const [example = ''] = readGuide('docs/operate/front-proxies.md').blocks('nginx')
  const replaced = example
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
    .replaceAll(/^ *(?:server_name|ssl_certificate(?:_key)?) .*;\n/gm, '')
    .replace('10.0.0.11:8080', `127.0.0.1:${ports[0]}`)
    .replace('10.0.0.12:8080', `127.0.0.1:${ports[1]}`)
  assert.doesNotMatch(replaced, /ssl|10\.0\.0/, 'everything of the example has been replaced')
  return replaced
}

async function startNodes(ports: readonly number[], url: string, options: NodeOptions): Promise<GlassDoor> {
  const { newSecret = () => crypto.randomUUID() } = options
  const openProvider = options.startProvider ?? startProvider
  const secrets: string[] = []
  const keepSecret = (): string => {
    const secret = newSecret()
    secrets.push(secret)
    return secret
  }
  await using started = new AsyncDisposableStack()
  const accounts = createDemoAccounts(keepSecret)
  const clientSecret = new Secret(keepSecret())
  const stores = started.use(await openTestStores())
  const clock = systemClock
  const jwksUrl = new URL(`http://127.0.0.1:${ports[0]}/auth/jwks.json`)
  const echo = started.adopt(await startEcho({ clock, jwksUrl }), close)
  const manager = started.adopt(await startManager({ accounts, clock, newSecretKey: keepSecret }), close)
  const atGateway = { gatewayUrl: url, providerId: 'sso' }
  const provider = started.adopt(await openProvider({ accounts, clientSecret, ...atGateway }), close)
  const demo: ConfigLayer = parse(
    toDemoConfig({ url, issuer: provider.url, managerUrl: manager.url, echoUrl: echo.url }),
  )

  const start = async (port: number): Promise<TestGateway> => {
    const node = {
      server: { listen: `127.0.0.1:${port}`, trustedProxies: ports.length > 1 ? ['127.0.0.1'] : [] },
      storage: stores.config,
      identity: [{ id: 'sso', clientSecret: { env: 'CLIENT_SECRET' } }],
    }
    const env = { CLIENT_SECRET: clientSecret.reveal() }
    const gateway = await startGateway({ config: [demo, node, options.config ?? {}], stores, env })
    return started.use(gateway)
  }
  // One after the other, as an operator would: the first one makes the key ring and the tables.
  const nodes: TestGateway[] = []
  for (const port of ports) nodes.push(await start(port))

  const running = started.move()
  return Object.freeze({
    url,
    metricsUrls: nodes.map(({ metricsUrl }) => metricsUrl),
    accounts: accounts.map(({ username, password, groups }) => ({ username, password: password.reveal(), groups })),
    nodes,
    stores,
    logs: () => nodes.flatMap(({ logs }) => logs),
    secrets,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  })
}

const close = (server: { close(): Promise<void> }): Promise<void> => server.close()
