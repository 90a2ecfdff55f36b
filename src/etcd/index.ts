// etcd, as far as the gateway uses it: what is under a prefix, kept up to date. See README.md.

import { type Clock, defineModule } from '#kernel'
import { createEtcdClient, type Reading } from './client.ts'
import { type EtcdConfig, etcdConfig } from './config.ts'
import { createEtcd } from './service.ts'

export { type EtcdConfig, etcdConfig, etcdPrefix } from './config.ts'
export type { Entries, PrefixWatch } from './prefix-watch.ts'
export { createEtcd, type Etcd } from './service.ts'

/** Lasts as long as the process. Opens nothing before somebody watches a prefix. */
export const etcdModule = defineModule({
  id: 'etcd',
  configKey: 'etcd',
  config: etcdConfig,
  requires: [],
  create: createEtcd,
})

/** Once, for commands that do not stay. @throws with what is wrong, in words for an operator */
export async function readEtcd(config: EtcdConfig, prefix: string, clock: Clock): Promise<Reading['entries']> {
  const client = createEtcdClient(config, clock)
  try {
    return (await client.read(prefix)).entries
  } finally {
    client.close()
  }
}
