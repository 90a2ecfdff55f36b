// A folder on a small file system of its own, to fill up and to free again: a tmpfs that root mounts, or, where mounting is
// refused, the one that containers have at /dev/shm.

import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { missing } from './programs/missing.ts'
import { type Missing, makeDirectory, removeDirectory } from './programs.ts'

export interface SmallDisk extends AsyncDisposable {
  readonly directory: string
  /** Takes all the space that is left, to the last byte. */
  fill(): void
  free(): void
}

/** In containers 64 MiB; more than this takes long to fill. */
const greatestBytes = 512 * 1024 * 1024

export async function openSmallDisk(megabytes: number): Promise<SmallDisk | Missing> {
  const directory = makeDirectory('small-disk')
  const run = promisify(execFile)
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory])
    return createDisk(directory, async () => {
      await run('umount', ['-l', directory])
      removeDirectory(directory)
    })
  } catch (error) {
    removeDirectory(directory)
    const shared = sizeOf('/dev/shm')
    if (shared > greatestBytes) return missing(`no small file system: ${String(error).split('\n')[0]}`)
    const folder = mkdtempSync('/dev/shm/gatehouse-test-')
    return createDisk(folder, async () => rmSync(folder, { recursive: true, force: true }))
  }
}

function createDisk(directory: string, dispose: () => Promise<void>): SmallDisk {
  const file = join(directory, 'ballast')
  return Object.freeze({
    directory,
    fill() {
      const ballast = openSync(file, 'a')
      for (const size of [1024 * 1024, 64 * 1024, 4096, 1]) {
        while (writesAll(ballast, Buffer.alloc(size))) {}
      }
      closeSync(ballast)
    },
    free: () => unlinkSync(file),
    [Symbol.asyncDispose]: dispose,
  })
}

function writesAll(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}

function sizeOf(path: string): number {
  try {
    const { blocks, bsize } = statfsSync(path)
    return blocks * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
