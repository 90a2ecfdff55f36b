// Who wants to hear of changed keys, inside one process. Each key-value driver keeps one of these and announces to it.

export interface ChangeListeners {
  subscribe(prefix: string, listener: ChangeListener): () => void
  /** `undefined`: changes may have been missed; tells everybody. */
  announce(key: string | undefined): void
}

export type ChangeListener = (key: string | undefined) => void

/** @param report receives what a listener threw; the others are still told. */
export function createChangeListeners(report: (error: unknown) => void): ChangeListeners {
  const byPrefix = new Map<string, Set<ChangeListener>>()

  const tell = (listeners: Iterable<ChangeListener>, key: string | undefined): void => {
    for (const listener of Array.from(listeners)) {
      try {
        listener(key)
      } catch (error) {
        report(error)
      }
    }
  }

  return Object.freeze({
    subscribe(prefix: string, listener: ChangeListener) {
      const listeners = byPrefix.get(prefix) ?? new Set()
      byPrefix.set(prefix, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && byPrefix.get(prefix) === listeners) byPrefix.delete(prefix)
      }
    },
    announce(key: string | undefined) {
      for (const [prefix, listeners] of Array.from(byPrefix)) {
        if (key === undefined || key.startsWith(prefix)) tell(listeners, key)
      }
    },
  })
}
