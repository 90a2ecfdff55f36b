// Whether others than its owner can get at a file that holds a secret. Called with each configuration that is read, and by
// `gatehouse doctor`.

import { type Stats, statSync } from 'node:fs'

/**
 * Why a secret in this file is not safe on this machine, as a clause; undefined if it is, or if nobody can say (no such
 * file; Windows).
 *
 * A file that belongs to another user and is read by us as a member of its group (root:gatehouse, 0640) is safe.
 */
export function whyExposed(path: string): string | undefined {
  const { getuid } = process
  if (getuid === undefined) return undefined
  const found = statOf(path)
  return found && judge(found, getuid())
}

function judge({ mode, uid }: Stats, ownUid: number): string | undefined {
  const written = (mode & 0o7777).toString(8).padStart(4, '0')
  if ((mode & 0o007) !== 0) return `everybody on this machine can get at it (mode ${written})`
  if ((mode & 0o020) !== 0) return `its group can change it (mode ${written})`
  if ((mode & 0o050) !== 0 && uid === ownUid) return `its group can read it (mode ${written})`
  return uid === ownUid || uid === 0 ? undefined : `it belongs to another user (${uid}), who can change it`
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
