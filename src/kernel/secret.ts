// A value that must not reach a log, an error or a dump by accident: every way of printing it gives `[secret]`.
// Whoever needs the value says so with `reveal()`, which is easy to search for.

import { inspect } from 'node:util'

export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
