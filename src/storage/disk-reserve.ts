// Space kept on the disk of the embedded stores for what must be written even when it is full: that a session is over.
// A file of zeros that gives its space away bit by bit, and takes it back once the disk has enough again.

import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export interface DiskReserve {
  /** Takes the space, or takes it back, if the disk has enough beside it. Never throws: without it all else goes on. */
  keep(): void
  /** Gives some of it away if the disk is full. @returns whether there is room now that was not there before */
  giveSome(): boolean
}

const SIZE = 1024 * 1024
/** A few commits of a small row, each some pages in the write-ahead log. */
const PORTION = 128 * 1024
/** With less than this the disk counts as full. */
const FULL = 256 * 1024
/** What the disk must have left before space is taken from it. */
const PLENTY = 16 * SIZE

/** @param path of the file, on the disk of the database. */
export function createDiskReserve(path: string): DiskReserve {
  const spaceLeft = (): number => {
    const { bavail, bsize } = statfsSync(dirname(path))
    return bavail * bsize
  }

  const withFile = <T>(use: (file: number, size: number) => T): T => {
    const file = openSync(path, 'a', 0o600)
    try {
      return use(file, fstatSync(file).size)
    } finally {
      closeSync(file)
    }
  }

  const grow = (file: number, size: number): void => {
    // Written, not only declared: a file with holes takes no space.
    if (size < SIZE && spaceLeft() - (SIZE - size) >= PLENTY) writeSync(file, Buffer.alloc(SIZE - size))
  }

  const giveAway = (file: number, size: number): boolean => {
    if (size === 0 || spaceLeft() >= FULL) return false
    ftruncateSync(file, Math.max(0, size - PORTION))
    return true
  }

  const attempt = <T>(use: () => T, otherwise: T): T => {
    try {
      return use()
    } catch {
      return otherwise
    }
  }

  return Object.freeze({
    keep: () =>
      attempt(() => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        withFile(grow)
      }, undefined),
    giveSome: () => attempt(() => withFile(giveAway), false),
  })
}
