// Starts parts in order of dependency and stops them in reverse. A failed start stops what had started.

import type { Part } from './module.ts'

export interface NamedPart {
  readonly id: string
  readonly part: Part<unknown>
}

export interface Lifecycle {
  start(): Promise<void>
  /** Lets every part finish its work; rejects never, reports instead. */
  drain(deadline: AbortSignal): Promise<void>
  /** Stops everything that was started, last first. Reports each failure and goes on. Safe to call twice. */
  stop(): Promise<void>
}

/** Sorts by `requires`; among equals the given order stands. @throws if a requirement is unknown or circular. */
export function orderByRequirement<M extends { readonly id: string; readonly requires: readonly string[] }>(
  modules: readonly M[],
): readonly M[] {
  const byId = new Map(modules.map((module) => [module.id, module]))
  const ordered: M[] = []
  const state = new Map<string, 'visiting' | 'done'>()
  const visit = (module: M, path: readonly string[]): void => {
    if (state.get(module.id) === 'done') return
    if (state.get(module.id) === 'visiting') {
      throw new Error(`modules require each other: ${[...path, module.id].join(' → ')}`)
    }
    state.set(module.id, 'visiting')
    for (const id of module.requires) {
      const required = byId.get(id)
      if (required === undefined) throw new Error(`module ${module.id} requires ${id}, which is not listed`)
      visit(required, [...path, module.id])
    }
    state.set(module.id, 'done')
    ordered.push(module)
  }
  for (const module of modules) visit(module, [])
  return ordered
}

export function createLifecycle(parts: readonly NamedPart[], report: (id: string, error: unknown) => void): Lifecycle {
  const started: NamedPart[] = []

  const stop = async (): Promise<void> => {
    for (let entry = started.pop(); entry !== undefined; entry = started.pop()) {
      try {
        await entry.part.stop?.()
      } catch (error) {
        report(entry.id, error)
      }
    }
  }

  return Object.freeze({
    async start() {
      for (const entry of parts) {
        started.push(entry)
        try {
          await entry.part.start?.()
        } catch (error) {
          await stop()
          throw error
        }
      }
    },
    async drain(deadline: AbortSignal) {
      const drained = await Promise.allSettled(started.map(async ({ part }) => part.drain?.(deadline)))
      for (const [index, result] of drained.entries()) {
        if (result.status === 'rejected') report(started[index]?.id ?? '?', result.reason)
      }
    },
    stop,
  })
}
