// Puts the configuration and its secrets on the disk: all or, where something is in the way, nothing.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { randomToken, type Secret } from '#kernel'
import { rotateKeyRing } from '#storage'
import { KEY_RING_FILE } from './config-text.ts'
import type { Draft } from './draft.ts'

export interface FilesToWrite extends Draft {
  readonly cwd: string
  /** Several nodes need the same keys: the ring is made with the configuration, unless there is one. */
  readonly needsKeyRing: boolean
}

/** Those of the files that exist. A key ring that exists is used. */
export const findInTheWay = ({ cwd, file, secrets }: Omit<FilesToWrite, 'text' | 'needsKeyRing'>): readonly string[] =>
  [resolve(cwd, file), ...pathsOf(resolve(cwd, file), secrets).map(([path]) => path)].filter((path) => existsSync(path))

/** What exists is replaced. @returns the paths that were written */
export function writeFiles({ cwd, file, text, secrets, needsKeyRing }: FilesToWrite): readonly string[] {
  const path = resolve(cwd, file)
  mkdirSync(dirname(path), { recursive: true })
  const written = pathsOf(path, secrets).map(([secretPath, secret]) =>
    replace(secretPath, `${secret.reveal()}\n`, 0o600),
  )
  const ring = resolve(dirname(path), KEY_RING_FILE)
  if (needsKeyRing && !existsSync(ring)) {
    rotateKeyRing(ring, Date.now())
    written.push(ring)
  }
  // Last: a configuration that is there is complete.
  return [replace(path, text, 0o644), ...written]
}

function pathsOf(file: string, secrets: ReadonlyMap<string, Secret>): readonly (readonly [string, Secret])[] {
  return [...secrets].map(([name, secret]) => [resolve(dirname(file), name), secret] as const)
}

/** A new file with this mode from its first byte on takes the place of the old one. */
function replace(path: string, text: string, mode: number): string {
  const draft = `${path}.${randomToken(6)}.new`
  try {
    writeFileSync(draft, text, { mode, flag: 'wx' })
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
  return path
}
