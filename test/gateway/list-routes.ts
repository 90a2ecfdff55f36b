// Everything that hangs on the door of a running gateway, read from a second one of the same configuration, which is never
// started.

import { loadConfig } from '#config'
import { createGateway, type Gateway } from '../../src/gateway.ts'
import { configSchema } from '../../src/modules.ts'
import type { TestGateway } from '../support/start-gateway.ts'

export function listRoutes({ configFiles }: Pick<TestGateway, 'configFiles'>): Pick<Gateway, 'routes' | 'mounts'> {
  const loaded = loadConfig({ files: [...configFiles], env: {}, schema: configSchema, cwd: '/' })
  if (!loaded.ok) throw new Error('the configuration of the running gateway is wrong')
  return createGateway({ config: loaded.config, logSink: () => {} })
}
