// Whether a directory is as the configuration says, short of a login: for `gatehouse doctor`.

import { systemClock } from '#kernel'
import type { LdapConfig } from './config.ts'
import { abortable, createConnect } from './connection.ts'
import { createDirectory } from './directory.ts'
import { describeLdapFailure } from './failure.ts'

export type DirectoryTrial =
  | {
      readonly ok: true
      /** The one that answered. */
      readonly server: string
    }
  | { readonly ok: false; readonly reason: string }

const TRIAL_MS = 5_000
/** No account has a space in front: what is looked for is not there, and that it can be looked for is the answer. */
const NOBODY = ' nobody'

export async function tryDirectory(config: LdapConfig): Promise<DirectoryTrial> {
  const signal = AbortSignal.timeout(TRIAL_MS)
  try {
    const { client, server, close } = await createConnect(config, systemClock)(signal)
    try {
      const directory = await createDirectory(config, client)
      await abortable(
        directory.enter().then(() => directory.findPerson(NOBODY)),
        signal,
      )
      return { ok: true, server }
    } finally {
      close()
    }
  } catch (error) {
    return { ok: false, reason: describeLdapFailure(error) }
  }
}
