// The whole configuration: files, what etcd holds if a file says so, and the environment. Commands read etcd each time;
// what stays running reads it once and is then told what changes (`etcd-settings.ts`).

import {
  type ConfigProblem,
  type Environment,
  type EtcdSettings,
  type LoadedConfig,
  loadConfig,
  loadSection,
  type RefusedConfig,
} from '#config'
import { etcdConfig, readEtcd } from '#etcd'
import { systemClock } from '#kernel'
import { configSchema, type GatewayConfig } from '../modules.ts'

export interface ConfigPlace {
  /** Later ones overlay earlier ones. */
  readonly files: readonly string[]
  readonly env: Environment
  readonly cwd: string
}

type Outcome = LoadedConfig<GatewayConfig> | RefusedConfig

export async function readConfiguration(place: ConfigPlace): Promise<Outcome> {
  const request = { ...place, schema: configSchema }
  const etcd = loadSection(request, 'etcd', etcdConfig)
  if (etcd?.configPrefix === undefined) return loadConfig(request)
  const { configPrefix: prefix } = etcd
  try {
    return readAgain(place, { prefix, entries: await readEtcd(etcd, prefix, systemClock) })
  } catch (error) {
    const { files, texts } = loadConfig(request)
    return { ok: false, problems: [unreadable(prefix, error)], files, texts, etcd: undefined }
  }
}

/** The files and the environment as they are now, with what is known of etcd. */
export const readAgain = (place: ConfigPlace, etcd: EtcdSettings | undefined): Outcome =>
  loadConfig({ ...place, schema: configSchema, etcd })

const unreadable = (prefix: string, error: unknown): ConfigProblem => ({
  path: 'etcd.configPrefix',
  what: 'cannot be read',
  why: `the settings under ${prefix} are not known: ${error instanceof Error ? error.message : String(error)}`,
  fix: 'start etcd, or correct the section etcd; to do without, remove etcd.configPrefix',
})
