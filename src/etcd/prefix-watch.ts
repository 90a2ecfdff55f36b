// What is under a prefix, kept up to date: read whole, then read whole again whenever etcd says that something has
// changed. So there is no way to miss a change, whatever was compacted, restored from a backup or cut in between.
// While etcd does not answer, what was read last stands.

import type { Clock } from '#kernel'
import type { EtcdClient } from './client.ts'

export type Entries = ReadonlyMap<string, string>

export interface PrefixWatch {
  readonly prefix: string
  /** As last read; undefined if it never could be. */
  readonly entries: Entries | undefined
  /** Why it cannot be read at present; undefined if it can. */
  readonly failure: Error | undefined
  /** Resolves when it has been tried for the first time. */
  readonly tried: Promise<void>
  /** Called with each change from now on. Returns a function that ends that. */
  onChange(listener: (entries: Entries) => void): () => void
  stop(): void
}

export interface PrefixWatchOptions {
  readonly prefix: string
  readonly client: Pick<EtcdClient, 'read' | 'whenChanged'>
  readonly clock: Clock
  /** The link to etcd was lost or is back. @param failure why, if it was lost */
  readonly onLink: (failure: Error | undefined) => void
}

/** Begins at once. */
export function watchPrefix({ prefix, client, clock, onLink }: PrefixWatchOptions): PrefixWatch {
  const listeners = new Set<(entries: Entries) => void>()
  const stopping = new AbortController()
  const { signal } = stopping
  const tried = Promise.withResolvers<void>()
  let entries: Entries | undefined
  let failure: Error | undefined
  let failures = 0

  const seen = (read: Entries): void => {
    failures = 0
    if (failure !== undefined) onLink(undefined)
    failure = undefined
    if (entries !== undefined && isSame(entries, read)) return
    entries = read
    for (const listener of listeners) listener(read)
  }

  const lost = (error: Error): void => {
    if (failure === undefined) onLink(error)
    failure = error
    failures++
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const reading = await client.read(prefix)
        if (signal.aborted) break
        seen(reading.entries)
        tried.resolve()
        await client.whenChanged(reading, signal)
        // What changes without a pause is read now and then.
        await pause(clock, SETTLE_MS, signal)
      } catch (error) {
        if (signal.aborted) break
        lost(error as Error)
        tried.resolve()
        await pause(clock, Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), signal)
      }
    }
    tried.resolve()
  }
  void run()

  return Object.freeze({
    prefix,
    get entries() {
      return entries
    },
    get failure() {
      return failure
    },
    tried: tried.promise,
    onChange(listener: (entries: Entries) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => stopping.abort(),
  })
}

const SETTLE_MS = 100
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

const isSame = (a: Entries, b: Entries): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value)

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const over = Promise.withResolvers<void>()
  const end = (): void => over.resolve()
  const cancel = clock.after(ms, end)
  signal.addEventListener('abort', end)
  await over.promise
  signal.removeEventListener('abort', end)
  cancel()
}
