// For commands about people: the gateway's parts with their stores open, and users by the names that people type.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { User } from '#access'
import { databaseFile } from '#storage'
import type { Gateway } from '../gateway.ts'
import { type CommandContext, CommandExit, readConfig } from './command-context.ts'
import { openGateway } from './open-gateway.ts'

type Apis = Gateway['apis']

export async function withApis(
  context: CommandContext,
  options: { readonly config?: readonly string[] },
  work: (apis: Apis) => Promise<void>,
): Promise<void> {
  const config = await readConfig(context, options.config)
  const isNew = config.storage.sql.type === 'sqlite' && !existsSync(databaseFile(config.storage))
  const gateway = await openGateway(config, context)
  try {
    if (isNew) context.printError(newFolder(resolve(context.cwd, config.storage.directory)))
    await gateway.apis.access.reload()
    await work(gateway.apis)
  } finally {
    await gateway.stop()
  }
}

/** Otherwise who looks into an empty folder of their own making believes that nobody is logged in. */
const newFolder = (directory: string): string =>
  `Nothing was kept in ${directory} yet: the folder is new. If the gateway has run before, its data is elsewhere; ` +
  'give the configuration that it has, and storage.directory in full or the working directory that it has.'

/** Somebody who has logged in. @throws CommandExit 1 */
export async function findUser({ access }: Apis, context: CommandContext, name: string): Promise<User> {
  return (await access.users.find(name)) ?? failUnknown(context, name)
}

export function failUnknown(context: CommandContext, name: string): never {
  context.printError(`No user is called "${name}", or more than one is. \`gatehouse user list\` shows all of them.`)
  throw new CommandExit(1)
}
