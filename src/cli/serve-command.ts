// `gatehouse serve`: runs the gateway until it is told to stop.

import type { Command } from 'commander'
import { systemdDescriptors } from '#http'
import { createGateway } from '../gateway.ts'
import { type CommandContext, CommandExit, loadChecked, withConfigOption } from './command-context.ts'

export function addServeCommand(program: Command, context: CommandContext): void {
  withConfigOption(program.command('serve'))
    .description('Run the gateway. SIGTERM or SIGINT stops it: requests finish first; a second signal stops at once.')
    .addHelpText('after', '\nExample:\n  $ gatehouse serve --config base.yaml --config production.yaml\n')
    .action(async ({ config: files }: { readonly config?: readonly string[] }) => {
      const { config, warnings } = loadChecked(context, files)
      const descriptors = systemdDescriptors(context.env, process.pid)
      const gateway = createGateway({ config, warnings, systemdDescriptors: descriptors })
      const stopped = stopOnSignal(context, gateway.stop)
      // A signal ends a start too: a store that does not answer would keep it waiting.
      await Promise.race([gateway.start().then(() => stopped), stopped])
    })
}

/** Resolves once `stop` has run after the first signal; a second one ends the process at once. */
export function stopOnSignal(context: CommandContext, stop: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Timers of the gateway do not keep the process alive, and before it listens nothing else does.
  const keepAlive = setInterval(() => undefined, 60_000)
  let isStopping = false
  const forget = context.onSignal(() => {
    if (isStopping) {
      reject(new CommandExit(130))
      return
    }
    isStopping = true
    stop().then(resolve, reject)
  })
  return promise.finally(() => {
    clearInterval(keepAlive)
    forget()
  })
}
