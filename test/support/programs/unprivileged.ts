// Databases refuse to run as root: they run as the user that Debian's package made for them, or as nobody.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { SystemUser } from './run-program.ts'

/** @returns undefined where we are not root ourselves */
export async function unprivileged(name: string): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  return (await find(name)) ?? (await find('nobody'))
}

async function find(name: string): Promise<SystemUser | undefined> {
  const id = async (flag: string) => Number((await promisify(execFile)('id', [flag, name])).stdout)
  try {
    return { uid: await id('-u'), gid: await id('-g') }
  } catch {
    return undefined
  }
}
