// The file of the key ring: one line a key, `id base64url-of-32-bytes created-ISO`, newest first, `#` comments.
// Read at start and by the keeper; written by `gatehouse keys rotate`, and once by a single node that finds none.
// What this file throws is for the operator and never quotes a key.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { generateRingKey, type RingKey, ringKeyBytes } from './key-ring.ts'
import { whyWeakKey } from './weak-key.ts'

export interface KeyRingFile {
  readonly keys: readonly RingKey[]
  /** Whether the file's mode lets people other than its owner read it. */
  readonly exposed: boolean
}

/** @throws with the reason, for a file that cannot be read, has no key, a malformed line or a weak key. */
export function readKeyRing(path: string): KeyRingFile {
  try {
    const keys = parseKeyRing(readFileSync(path, 'utf8'))
    return { keys, exposed: process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0 }
  } catch (cause) {
    throw new Error(`the key ring ${path} cannot be used: ${reasonOf(cause)}`, { cause })
  }
}

/** Makes the file with one key, mode 0600, unless there is one. Of several processes at once, one wins and all agree. */
export function createKeyRingFile(path: string, now: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const draft = writeDraft(path, [generateRingKey(now)], OWN)
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
}

/** Puts a new key first, or makes the file. Running nodes read it within seconds. @returns the new key's id. */
export function rotateKeyRing(path: string, now: number): string {
  const before = findKeys(path)
  const added = generateRingKey(now)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  renameSync(writeDraft(path, [added, ...before.keys], before), path)
  return added.id
}

/** @throws with the line's number and the reason. */
export function parseKeyRing(text: string): readonly RingKey[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ number: index + 1, line: line.trim() }))
  const keys = lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map(parseLine)
  if (keys.length === 0) throw new Error('it holds no key; `gatehouse keys rotate` adds one')
  const repeated = keys.find((key, at) => keys.findIndex((other) => isSameKey(key, other)) !== at)
  if (repeated !== undefined) throw new Error(`the key ${repeated.id} is in it twice`)
  return keys
}

/** The text that `parseKeyRing` reads back. */
export const formatKeyRing = (keys: readonly RingKey[]): string =>
  [
    '# The key ring of Gatehouse: one key a line, newest first. Whoever reads this file can forge sessions.',
    ...keys.map(({ id, secret, createdAt }) =>
      [id, Buffer.from(secret).toString('base64url'), new Date(createdAt).toISOString()].join(' '),
    ),
    '',
  ].join('\n')

function parseLine({ number, line }: { readonly number: number; readonly line: string }): RingKey {
  const refuse = (reason: string) => new Error(`line ${number}: ${reason}`)
  const [id = '', text = '', created = '', ...rest] = line.split(/[ \t]+/)
  if (created === '' || rest.length > 0)
    throw refuse('a key is three words: id, 32 bytes in base64url, time of creation')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw refuse('an id has 1 to 64 letters, digits, - and _')
  const secret = Buffer.from(text, 'base64url')
  if (secret.toString('base64url') !== text) throw refuse(`the key ${id} is not base64url without padding`)
  if (secret.length !== ringKeyBytes)
    throw refuse(`the key ${id} has ${secret.length} bytes instead of ${ringKeyBytes}`)
  const weakness = whyWeakKey(secret, text)
  if (weakness !== undefined)
    throw refuse(`the key ${id} is weak: ${weakness}; use \`gatehouse keys rotate\` to make one`)
  const createdAt = Date.parse(created)
  if (Number.isNaN(createdAt)) throw refuse(`the key ${id} has no valid time of creation`)
  return Object.freeze({ id, secret, createdAt })
}

const isSameKey = (a: RingKey, b: RingKey): boolean => a.id === b.id || Buffer.from(a.secret).equals(b.secret)

/** Who may read a file. */
interface Access {
  readonly mode: number
  readonly owner?: { readonly uid: number; readonly gid: number }
}

const OWN: Access = { mode: 0o600 }

function findKeys(path: string): Access & { readonly keys: readonly RingKey[] } {
  try {
    const { keys } = readKeyRing(path)
    const { mode, uid, gid } = statSync(path)
    return { keys, mode: mode & 0o777, owner: { uid, gid } }
  } catch (error) {
    if (error instanceof Error && hasCode(error.cause, 'ENOENT')) return { keys: [], ...OWN }
    throw error
  }
}

/** A complete file beside the real one, on the disk before it takes the name. */
function writeDraft(path: string, keys: readonly RingKey[], { mode, owner }: Access): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, formatKeyRing(keys))
    // Only root can give a file away; without this the gateway could not read what root has rotated for it.
    if (owner !== undefined && process.getuid?.() === 0) fchownSync(file, owner.uid, owner.gid)
    fchmodSync(file, mode)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  return draft
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

const reasonOf = (error: unknown): string => {
  if (hasCode(error, 'ENOENT')) return 'there is no such file; `gatehouse keys rotate` makes it'
  if (hasCode(error, 'EACCES')) return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}
