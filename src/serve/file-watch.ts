// Notices that files have changed, by looking: events of the file system miss what editors do (they replace a file by
// another), what Kubernetes does (it turns a link somewhere above), and everything on network file systems.

import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '#kernel'

export interface FileWatch {
  /**
   * Watches these from now on, instead of those before.
   * @param known texts as they were read: what differs from them already counts as changed.
   */
  watch(paths: readonly string[], known: ReadonlyMap<string, string>): Promise<void>
  stop(): void
}

export interface FileWatchOptions {
  readonly clock: Clock
  /** Called when something has changed and then stood still from one look to the next: not in the middle of a write. */
  readonly onChange: () => void
}

export const LOOK_EVERY_MS = 1000

export function createFileWatch({ clock, onChange }: FileWatchOptions): FileWatch {
  let paths: readonly string[] = []
  let told = ''
  let last = ''
  let isLooking = false

  const look = async (): Promise<void> => {
    const watched = paths
    const present = await describeAll(watched)
    if (watched !== paths) return
    const stoodStill = present === last
    last = present
    if (!stoodStill || present === told) return
    told = present
    onChange()
  }

  const stop = clock.every(LOOK_EVERY_MS, () => {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  })

  return Object.freeze({
    async watch(next: readonly string[], known: ReadonlyMap<string, string>) {
      paths = [...next]
      const [present, isAsKnown] = await Promise.all([describeAll(paths), holdAsKnown(known)])
      last = present
      told = isAsKnown ? present : ''
    },
    stop,
  })
}

const describeAll = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map(describe))).join('\n')

/** Follows links; of a folder only that it is one. */
async function describe(path: string): Promise<string> {
  try {
    const found = await stat(path, { bigint: true })
    if (found.isDirectory()) return 'folder'
    return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  }
}

async function holdAsKnown(known: ReadonlyMap<string, string>): Promise<boolean> {
  const checks = [...known].map(async ([path, text]) => {
    const bytes = await readFile(path).catch(() => undefined)
    return bytes !== undefined && new TextDecoder().decode(bytes) === text
  })
  return (await Promise.all(checks)).every(Boolean)
}
