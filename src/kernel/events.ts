// Typed events inside one process. A listener that throws is reported and does not stop the others.

export interface Events<Map extends object> {
  on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void): () => void
  emit<Name extends keyof Map>(name: Name, event: Map[Name]): void
}

/** @param report receives what a listener threw. */
export function createEvents<Map extends object>(report: (error: unknown) => void): Events<Map> {
  const listeners = new globalThis.Map<keyof Map, Set<(event: never) => void>>()
  return Object.freeze({
    on<Name extends keyof Map>(name: Name, listener: (event: Map[Name]) => void) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => void set.delete(listener)
    },
    emit<Name extends keyof Map>(name: Name, event: Map[Name]) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(event as never)
        } catch (error) {
          report(error)
        }
      }
    },
  })
}
