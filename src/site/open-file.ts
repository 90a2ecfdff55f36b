// Opens a file of a site, and only that: a regular file which, once open, lies inside the root.
// The check is made on what was opened, so that swapping a file for a link in between gains nothing.

import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'

export interface OpenedFile {
  readonly handle: FileHandle
  readonly sizeBytes: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
  /** Differs whenever the content may. */
  readonly revision: string
}

/** What keeps a file from being served: it is not there or not a file, may not be read, or lies outside. */
export type Unopened = 'missing' | 'unreadable' | 'outside'

/** A FIFO without a writer must not hold the open up, and a terminal must not become ours. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)

/** @param root without symbolic links, as `realpath` gives it. The caller closes the handle. */
export async function openFile(root: string, names: readonly string[]): Promise<OpenedFile | Unopened> {
  const path = join(root, ...names)
  let handle: FileHandle
  try {
    handle = await open(path, FLAGS)
  } catch (error) {
    return reasonOf(error)
  }
  try {
    const opened = await inspect(handle, root, path)
    if (typeof opened === 'string') await handle.close()
    return opened
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function inspect(handle: FileHandle, root: string, path: string): Promise<OpenedFile | Unopened> {
  const stats = await handle.stat({ bigint: true })
  if (!stats.isFile()) return 'missing'
  const place =
    process.platform === 'linux' ? await readlink(`/proc/self/fd/${handle.fd}`) : await findByIdentity(handle, path)
  if (!place?.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return 'outside'
  return {
    handle,
    sizeBytes: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    revision: [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join('-'),
  }
}

/** Where systems do not say what a descriptor stands for: the path without links, if it still is the opened file. */
export async function findByIdentity(handle: FileHandle, path: string): Promise<string | undefined> {
  const place = await realpath(path)
  const [there, opened] = await Promise.all([lstat(place, { bigint: true }), handle.stat({ bigint: true })])
  return there.dev === opened.dev && there.ino === opened.ino ? place : undefined
}

function reasonOf(error: unknown): Unopened {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'string' && NOT_THERE.has(code)) return 'missing'
  if (code === 'EACCES' || code === 'EPERM') return 'unreadable'
  throw error
}

/** ENXIO is a socket, or a device without its driver; ELOOP a link to itself. */
const NOT_THERE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'ENXIO',
  'ENODEV',
])
