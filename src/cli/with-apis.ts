// For commands about people: the gateway's parts with their stores open, and users by the names that people type.

import type { User } from '#access'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, CommandExit, readConfig } from './command-context.ts'
import { openGateway } from './open-gateway.ts'

type Apis = Gateway['apis']

export async function withApis(
  context: CommandContext,
  options: { readonly config?: readonly string[] },
  work: (apis: Apis) => Promise<void>,
): Promise<void> {
  const gateway = await openGateway(await readConfig(context, options.config), context)
  try {
    await gateway.apis.access.reload()
    await work(gateway.apis)
  } finally {
    await gateway.stop()
  }
}

/** Somebody who has logged in. @throws CommandExit 1 */
export async function findUser({ access }: Apis, context: CommandContext, name: string): Promise<User> {
  return (await access.users.find(name)) ?? failUnknown(context, name)
}

export function failUnknown(context: CommandContext, name: string): never {
  context.printError(`No user is called "${name}", or more than one is. \`gatehouse user list\` shows all of them.`)
  throw new CommandExit(1)
}
