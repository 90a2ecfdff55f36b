// The real composition root on a free port, for tests. Any key of the configuration can be laid over the base; it passes
// the same checks as an operator's file. Disposes of itself, and of its stores unless they were given.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Environment, formatProblem, loadConfig } from '#config'
import { type Clock, randomToken } from '#kernel'
import type { LogEntry } from '#telemetry'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import { configSchema, type GatewayConfig } from '../../src/modules.ts'
import { openTestStores, type TestStores } from './test-stores.ts'

/** A layer of the configuration, as an operator would write it. */
export type ConfigLayer = Readonly<Record<string, unknown>>

export interface GatewaySettings {
  /** Laid over the base, later ones on top. */
  readonly config?: ConfigLayer | readonly ConfigLayer[]
  readonly clock?: Clock
  /** Shared with other nodes; of its own if absent. */
  readonly stores?: TestStores
  /** For `{ env: NAME }` secrets. */
  readonly env?: Environment
}

export interface TestGateway extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  /** The sockets themselves, where `url` is that of a proxy in front. */
  readonly listening: readonly string[]
  readonly metricsUrl: string
  /** Every event so far, as a collector would read it. */
  readonly logs: readonly LogEntry[]
  readonly apis: Gateway['apis']
  /** For commands that work beside the gateway: `--config` each of them. */
  readonly configFiles: readonly string[]
  /** Puts the layers in place of those that it was started with, as a reload does. @throws what keeps it from that */
  reload(...layers: readonly ConfigLayer[]): Promise<void>
  close(): Promise<void>
}

/**
 * @example
 * await using gateway = await startGateway({ config: { sessions: { idle: '2s' } }, clock })
 */
export async function startGateway(settings: GatewaySettings = {}): Promise<TestGateway> {
  const { clock, stores = await openTestStores(), env = {} } = settings
  const layers = [settings.config ?? []].flat()
  const configFiles = writeLayers(stores.directory, [baseFor(stores), ...defaultsFor(layers), ...layers])
  const logs: LogEntry[] = []
  const gateway = createGateway({
    config: readConfig(configFiles, env),
    logSink: (entry) => void logs.push(entry),
    ...(clock && { clock }),
  })
  const close = async (): Promise<void> => {
    await gateway.stop()
    if (settings.stores === undefined) await stores[Symbol.asyncDispose]()
  }
  const { url, listening, metricsUrl = '' } = await gateway.start()
  const reload = async (...next: readonly ConfigLayer[]): Promise<void> => {
    const files = writeLayers(stores.directory, [baseFor(stores), ...defaultsFor(next), ...next])
    const prepared = await gateway.prepare(readConfig(files, env))
    prepared.commit()
  }
  return Object.freeze({
    url,
    listening,
    metricsUrl,
    logs,
    get apis() {
      return gateway.apis
    },
    configFiles,
    reload,
    close,
    [Symbol.asyncDispose]: close,
  })
}

const baseFor = (stores: TestStores): ConfigLayer => ({
  server: { listen: '127.0.0.1:0', shutdown: { drain: '1s' } },
  telemetry: { metrics: { listen: '127.0.0.1:0' } },
  storage: stores.config,
})

/** Where a test does not care how people log in, the personas can. */
const defaultsFor = (layers: readonly ConfigLayer[]): readonly ConfigLayer[] =>
  layers.some(({ identity }) => identity !== undefined)
    ? []
    : [{ identity: [{ id: 'local', type: 'local' }], access: { admins: ['group:admins'] } }]

function writeLayers(directory: string, layers: readonly ConfigLayer[]): readonly string[] {
  const node = randomToken(4)
  return layers.map((layer, index) => {
    const file = join(directory, `${node}-${index}.yaml`)
    writeFileSync(file, stringify(layer))
    return file
  })
}

function readConfig(files: readonly string[], env: Environment): GatewayConfig {
  const loaded = loadConfig({ files, env, schema: configSchema, cwd: '/' })
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.config
}
