// What a configuration is read from: variables, and files that an operator named. Each file is read once and remembered
// as it was, so that one reading sees one state of it, a reload can watch it, and another process can be given the same.

import { AsyncLocalStorage } from 'node:async_hooks'
import { readTextFile, type TextFile } from './text-file.ts'

/** The variables of a process, or of a test that stands in for one. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface ConfigInputs {
  readonly env: Environment
  /** The text of a file of at most `maxBytes`, or the reason why there is none. */
  readText(path: string, maxBytes: number): TextFile
  /** Every path that was asked for; without a text where there was none. */
  readonly seen: ReadonlyMap<string, string | undefined>
}

/** @param given texts of files, by absolute path, that are taken instead of what is on the disk. */
export function createInputs(env: Environment, given: ReadonlyMap<string, string> = new Map()): ConfigInputs {
  const seen = new Map<string, string | undefined>()

  const find = (path: string, maxBytes: number): TextFile => {
    const text = seen.get(path) ?? given.get(path)
    if (text === undefined) return readTextFile(path, maxBytes)
    return Buffer.byteLength(text) > maxBytes ? { reason: `it is larger than ${maxBytes / 1024} KiB` } : { text }
  }

  return Object.freeze({
    env,
    seen,
    readText(path: string, maxBytes: number) {
      const found = find(path, maxBytes)
      seen.set(path, 'text' in found ? found.text : undefined)
      return found
    },
  })
}

const current = new AsyncLocalStorage<ConfigInputs>()

/** Runs `parse` so that what the schema looks up is taken from these inputs instead of from the process's own. */
export const withInputs = <T>(inputs: ConfigInputs, parse: () => T): T => current.run(inputs, parse)

/** What a schema that reads files or variables takes them from. */
export const currentInputs = (): ConfigInputs => current.getStore() ?? createInputs(process.env)
