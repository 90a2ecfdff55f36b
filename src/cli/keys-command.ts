// `gatehouse keys rotate`: puts a new key at the head of the ring. Old keys stay, so nobody is logged out; running
// gateways read the file again within a minute.

import type { Command } from 'commander'
import { rotateKeyRing } from '#storage'
import { createGateway } from '../gateway.ts'
import { type CommandContext, CommandExit, readConfig, withConfigOption } from './command-context.ts'

const EXAMPLES = `
The new key comes first in the file: from now on it seals and signs. The old ones stay, and open what they sealed, so nobody
is logged out. Running nodes read the file again within 15 seconds, and seal with the new key once all of them have it.

Exit codes: 0 done, 1 failed (the file cannot be written, or nothing is kept), 2 misused.

Examples:
  $ gatehouse keys rotate --config /etc/gatehouse/gatehouse.yaml
  $ gatehouse keys rotate && scp key-ring node2:/etc/gatehouse/key-ring     several nodes, in any order
`

export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description("The server's keys, which seal what is kept and sign what is sent.")

  withConfigOption(keys.command('rotate'))
    .description('Add a new key to the ring, or make the ring. Copy the file to every node; old values stay readable.')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config: files, json }: { readonly config?: readonly string[]; readonly json?: boolean }) => {
      const gateway = createGateway({ config: await readConfig(context, files), logSink: () => undefined })
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
