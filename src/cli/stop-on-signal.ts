// Turns the first signal into an orderly stop, and the second one into an end at once.

import { type CommandContext, CommandExit } from './command-context.ts'

/** Resolves once `stop` has run after the first signal; a second one ends the process at once. */
export function stopOnSignal(context: CommandContext, stop: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Timers of the gateway do not keep the process alive, and before it listens nothing else does.
  const keepAlive = setInterval(() => undefined, 60_000)
  let isStopping = false
  const forget = context.onSignal('stop', () => {
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
