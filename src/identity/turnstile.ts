// Lets a few through at a time, and a bounded number wait.

import { loginErrors } from './errors.ts'

/** Runs the work when it is its turn. @param gate those of one gate wait for each other only */
export type Turnstile = <T>(gate: string, work: () => Promise<T>) => Promise<T>

interface Gate {
  inside: number
  readonly queue: (() => void)[]
}

/** What it creates throws login.busy where too many wait already; then the work was not begun. */
export function createTurnstile({ atOnce, waiting }: { readonly atOnce: number; readonly waiting: number }): Turnstile {
  const gates = new Map<string, Gate>()

  return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const gate = gates.get(name) ?? { inside: 0, queue: [] }
    gates.set(name, gate)
    if (gate.inside >= atOnce) {
      if (gate.queue.length >= waiting) throw loginErrors.busy({})
      await new Promise<void>((resolve) => gate.queue.push(resolve))
    } else gate.inside += 1
    try {
      return await work()
    } finally {
      const next = gate.queue.shift()
      // Whoever waited takes over this place.
      if (next !== undefined) next()
      else {
        gate.inside -= 1
        if (gate.inside === 0) gates.delete(name)
      }
    }
  }
}
