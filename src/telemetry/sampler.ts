// Which of many events of one kind are written down in full: the first few of a source in a minute, and no more than so
// many of all sources. The next one that is says how many were left out. For what strangers can cause at will.

import type { Clock } from '#kernel'

export interface Sampler {
  /** @returns how many of this source were left out before, or undefined if this one is to be left out too. */
  take(source: string): number | undefined
}

export interface SamplerOptions {
  readonly clock: Clock
  /** Of one source in a minute. */
  readonly each: number
  /** Of all sources in a minute. */
  readonly all: number
}

const MINUTE_MS = 60_000

export function createSampler({ clock, each, all }: SamplerOptions): Sampler {
  let sources = new Map<string, { written: number; leftOut: number }>()
  let leftOutBefore = new Map<string, number>()
  let minute = Number.NEGATIVE_INFINITY
  let written = 0

  const beginMinute = (now: number): void => {
    leftOutBefore = new Map([...sources].flatMap(([name, { leftOut }]) => (leftOut > 0 ? [[name, leftOut]] : [])))
    sources = new Map()
    minute = now
    written = 0
  }

  return Object.freeze({
    take(name: string) {
      const now = Math.floor(clock.monotonicMs() / MINUTE_MS)
      if (now !== minute) beginMinute(now)
      const source = sources.get(name)
      if (written >= all || (source !== undefined && source.written >= each)) {
        if (source !== undefined) source.leftOut += 1
        return undefined
      }
      written += 1
      if (source !== undefined) source.written += 1
      else sources.set(name, { written: 1, leftOut: 0 })
      const leftOut = leftOutBefore.get(name) ?? 0
      leftOutBefore.delete(name)
      return leftOut
    },
  })
}
