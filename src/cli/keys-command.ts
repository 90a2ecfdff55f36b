// `gatehouse keys rotate`: puts a new key at the head of the ring. Old keys stay, so nobody is logged out; running
// gateways read the file again within a minute.

import type { Command } from 'commander'
import { rotateKeyRing } from '#storage'
import { createGateway } from '../gateway.ts'
import { type CommandContext, CommandExit, readConfig, withConfigOption } from './command-context.ts'

export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description("The server's keys, which seal what is kept and sign what is sent.")

  withConfigOption(keys.command('rotate'))
    .description('Add a new key to the ring, or make the ring. Copy the file to every node; old values stay readable.')
    .option('--json', 'print JSON')
    .action(({ config: files, json }: { readonly config?: readonly string[]; readonly json?: boolean }) => {
      const gateway = createGateway({ config: readConfig(context, files), logSink: () => undefined })
      const path = gateway.apis.storage.keyRingPath
      if (path === undefined) {
        context.printError('This configuration keeps no key ring: its stores are in memory.')
        throw new CommandExit(1)
      }
      const keyId = rotateKeyRing(path, Date.now())
      context.print(
        json === true ? JSON.stringify({ path, keyId }) : `${path}: new values are sealed with the key ${keyId}.`,
      )
    })
}
