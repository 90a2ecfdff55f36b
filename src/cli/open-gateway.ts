// The gateway as commands use it: its stores open, nothing listening. What a command changes reaches a running gateway
// through the change feed of the stores.

import { createGateway, type Gateway } from '../gateway.ts'
import type { GatewayConfig } from '../modules.ts'
import type { CommandContext } from './command-context.ts'

/** Commands say themselves what happened; only warnings and errors of the parts are worth a line. */
export async function openGateway(config: GatewayConfig, context: CommandContext): Promise<Gateway> {
  const quiet = {
    ...config,
    telemetry: { ...config.telemetry, log: { ...config.telemetry.log, level: 'warn' as const } },
  }
  const gateway = createGateway({ config: quiet, logSink: ({ msg }) => context.printError(msg) })
  await gateway.openStores()
  return gateway
}
