// Finds a program: on PATH, where Debian keeps it, or by installing Debian's package (as root). What is found once is
// remembered for the process; several test processes that want to install wait for each other.

import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Missing, missing } from './missing.ts'
import { type DebianPackage, PACKAGES } from './packages.ts'

export interface Program {
  readonly path: string
}

interface Wanted {
  /** Any of these will do. */
  readonly names: readonly string[]
  /** Debian's package; without one nothing is installed. */
  readonly package?: DebianPackage
  /** Taken where none of these is to be had. */
  readonly instead?: readonly string[]
}

const found = new Map<string, Promise<Program | Missing>>()

export function findProgram(wanted: Wanted): Promise<Program | Missing> {
  const key = wanted.names.join()
  const known = found.get(key) ?? find(wanted)
  found.set(key, known)
  return known
}

async function find(wanted: Wanted): Promise<Program | Missing> {
  const present = lookUp(wanted.names)
  if (present !== undefined) return { path: present }
  if (wanted.package === undefined) return missing(`${wanted.names[0]} is missing`)
  const failure = await install(wanted.package)
  const installed = lookUp([...wanted.names, ...(wanted.instead ?? [])])
  if (installed !== undefined) return { path: installed }
  return missing(
    `${wanted.names[0]} is missing (Debian's package ${wanted.package}): ${failure ?? 'it did not bring it'}`,
  )
}

const lookUp = (names: readonly string[]): string | undefined =>
  names.flatMap((name) => directories().map((directory) => join(directory, name))).find(isExecutable)

/** PATH, then system folders that a user's PATH often lacks, then the newest PostgreSQL's own. */
const directories = (): readonly string[] => [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/local/bin',
  '/usr/bin',
  '/usr/sbin',
  ...versions('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`),
]

const versions = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory).sort((a, b) => Number(b) - Number(a)) : []

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const cache = new URL('../../../node_modules/.cache/gatehouse-test/', import.meta.url).pathname

/**
 * Everything that the tests run, at once: a package that is unpacked meanwhile holds up what is held against the clock.
 * What is lacking after that is for those to say who need it.
 */
export async function installAll(): Promise<void> {
  const isHere = (brings: string): boolean => existsSync(brings) || lookUp([brings]) !== undefined
  const names = Object.entries(PACKAGES).flatMap(([name, brings]) => (isHere(brings) ? [] : [name]))
  if (names.length > 0) await install(...names)
}

/** @returns why it did not work, or undefined. Updates the package lists at most once an hour. */
export async function install(...names: readonly string[]): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can install it'
  if (!isExecutable('/usr/bin/apt-get')) return 'there is no apt-get'
  mkdirSync(cache, { recursive: true })
  const script = `
    set -e
    export DEBIAN_FRONTEND=noninteractive
    if [ -z "$(find updated -mmin -60 2>/dev/null)" ]; then apt-get update -q; touch updated; fi
    apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"`
  const args = ['--timeout', '900', 'lock', '/bin/sh', '-c', script, 'sh', ...names]
  try {
    await promisify(execFile)('flock', args, { cwd: cache, timeout: 900_000, maxBuffer: 64 * 1024 * 1024 })
    return undefined
  } catch (error) {
    return `apt-get failed: ${String(error).split('\n').slice(0, 3).join(' ')}`
  }
}
