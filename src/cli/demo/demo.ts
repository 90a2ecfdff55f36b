// Starts everything that `gatehouse demo` shows, in this process and on loopback addresses only: accounts, an OpenID
// provider, a Manager stand-in, an echo service, and the real gateway in front of them. Called by the command and by tests.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, formatProblem, type ListenAddress, loadConfig } from '#config'
import { type Clock, randomToken, Secret, systemClock } from '#kernel'
import { createGateway } from '../../gateway.ts'
import { configSchema, type GatewayConfig } from '../../modules.ts'
import { createDemoAccounts, type DemoAccount } from './accounts.ts'
import { configHeading, toDemoConfig } from './config-text.ts'
import { startEcho } from './echo.ts'
import { findFreePort } from './free-port.ts'
import { openLogFile } from './log-file.ts'
import { startManager } from './manager.ts'
import { startProvider } from './provider-server.ts'

export interface DemoOptions {
  /** 0 takes any free one. */
  readonly port: number
  /** Gets the configuration, the state and the log; made if absent. */
  readonly directory: string
  readonly env: Environment
  readonly clock?: Clock
  /** For tests that must recognise the secrets of their run. */
  readonly newSecret?: () => string
}

export interface RunningDemo {
  readonly url: string
  readonly metricsUrl: string | undefined
  readonly accounts: readonly DemoAccount[]
  readonly directory: string
  readonly configFile: string
  stop(): Promise<void>
}

/** @throws what kept it from starting; then nothing is left open. */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const { directory, clock = systemClock, newSecret = () => randomToken(12) } = options
  const configFile = join(directory, 'gatehouse.yaml')
  await prepareFolder(directory, configFile)
  const accounts = createDemoAccounts(newSecret)
  const clientSecret = new Secret(newSecret())
  const url = `http://127.0.0.1:${options.port === 0 ? await findFreePort() : options.port}`
  await using started = new AsyncDisposableStack()

  const manager = started.adopt(await startManager({ accounts, clock, newSecretKey: newSecret }), close)
  const echo = started.adopt(await startEcho({ clock, jwksUrl: new URL(`${url}/auth/jwks.json`) }), close)
  const atGateway = { gatewayUrl: url, providerId: 'sso' }
  const provider = started.adopt(await startProvider({ accounts, clientSecret, ...atGateway }), close)
  await writeFile(join(directory, 'oidc-client-secret'), clientSecret.reveal(), { mode: 0o600 })
  const addresses = { url, issuer: provider.url, managerUrl: manager.url, echoUrl: echo.url }
  await writeFile(configFile, toDemoConfig(addresses))

  const log = started.adopt(openLogFile(join(directory, 'gatehouse.log')), close)
  const gateway = createGateway({ config: readConfig(configFile, options), clock, logSink: log.sink })
  started.adopt(gateway, ({ stop }) => stop())
  const { metricsUrl } = await gateway.start()

  const running = started.move()
  return Object.freeze({ url, metricsUrl, accounts, directory, configFile, stop: () => running.disposeAsync() })
}

const close = (server: { close(): Promise<void> }): Promise<void> => server.close()

/** A new folder is for this user alone; a configuration that the demo did not write is never written over. */
async function prepareFolder(directory: string, configFile: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const present = await readFile(configFile, 'utf8').catch(() => undefined)
  if (present !== undefined && !present.startsWith(configHeading)) {
    throw new Error(`${configFile} was not written by the demo, so it stays as it is. Give another --directory.`)
  }
}

function readConfig(configFile: string, { env, directory }: DemoOptions): GatewayConfig {
  const loaded = loadConfig({ files: [configFile], env, schema: configSchema, cwd: directory })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  if (!loaded.config.server.listen.every(isOnLoopback)) {
    throw new Error('The demo listens on loopback addresses only, because its passwords and services are for show.')
  }
  return loaded.config
}

const isOnLoopback = (address: ListenAddress): boolean =>
  address.kind === 'unix' || (address.kind === 'tcp' && /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(address.host))
