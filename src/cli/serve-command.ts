// `gatehouse serve`: runs the gateway, in one process or in several, until it is told to stop.

import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import type { Command } from 'commander'
import type { EtcdSettings } from '#config'
import { systemdDescriptors } from '#http'
import { systemClock } from '#kernel'
import type { GatewayConfig } from '../modules.ts'
import { readAgain } from '../serve/read-config.ts'
import type { Server } from '../serve/server.ts'
import { createSingleServer } from '../serve/single-server.ts'
import { giveBackStartupMemory } from '../serve/startup-memory.ts'
import { type CommandContext, DEFAULT_CONFIG_FILE, loadChecked, withConfigOption } from './command-context.ts'
import { stopOnSignal } from './stop-on-signal.ts'

const SIGNALS = `
Signals:
  SIGTERM, SIGINT   stop: requests finish first; a second one stops at once
  SIGHUP            reload the configuration; it is also reloaded when one of its files, or etcd, changes
  SIGUSR2           with several processes: exchange them one by one, with what needs a restart

Example:
  $ gatehouse serve --config base.yaml --config production.yaml
`

export function addServeCommand(program: Command, context: CommandContext): void {
  withConfigOption(program.command('serve'))
    .description('Run the gateway.')
    .addHelpText('after', SIGNALS)
    .action(async ({ config: files = [DEFAULT_CONFIG_FILE] }: { readonly config?: readonly string[] }) => {
      if (cluster.isWorker) return (await import('../serve/worker.ts')).runWorker(context)
      const server = await createServer(context, files)
      const stopped = stopOnSignal(context, server.stop)
      const forget = [
        context.onSignal('reload', () => void server.reload()),
        context.onSignal('renew', () => void server.renew()),
      ]
      try {
        // A signal ends a start too: a store that does not answer would keep it waiting.
        const started = server.start().then(() => giveBackStartupMemory(systemClock))
        await Promise.race([started.then(() => stopped), stopped])
      } finally {
        for (const each of forget) each()
        server.kill()
      }
    })
}

async function createServer(context: CommandContext, files: readonly string[]): Promise<Server> {
  const { env, cwd } = context
  const loaded = await loadChecked(context, files)
  const options = {
    loaded,
    load: (etcd: EtcdSettings | undefined) => readAgain({ files, env, cwd }, etcd),
    systemdDescriptors: systemdDescriptors(context.env, process.pid),
  }
  if (countProcesses(loaded.config) === 1) return createSingleServer(options)
  // Loaded only here: one process needs none of it.
  const { createSupervisor } = await import('../serve/supervisor.ts')
  return createSupervisor({ ...options, files, countOf: countProcesses })
}

const countProcesses = ({ server: { processes } }: GatewayConfig): number =>
  processes === 'auto' ? availableParallelism() : processes
