// Reading a file that an operator named: configuration, secrets, values of variables. The outcome is a value, because a
// file that cannot be read is one of several problems to report at once. A reason never repeats what the file holds.

import { closeSync, openSync, readSync } from 'node:fs'

export type TextFile = { readonly text: string } | { readonly reason: string }

/** The text of a file of at most `maxBytes`, or the reason why there is none. A byte order mark is dropped. */
export function readTextFile(path: string, maxBytes: number): TextFile {
  try {
    const bytes = readUpTo(path, maxBytes + 1)
    if (bytes.length > maxBytes) return { reason: `it is larger than ${maxBytes / 1024} KiB` }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}

/** Not more, because devices such as /dev/zero have no end, and files of the kernel's do not say how long they are. */
function readUpTo(path: string, maxBytes: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(maxBytes)
    let length = 0
    for (let read = -1; read !== 0 && length < maxBytes; length += read) {
      read = readSync(descriptor, bytes, length, maxBytes - length, null)
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

/** Editors and `echo` end a file with a newline that is not part of the value; exactly one is dropped. */
export const withoutLastNewline = (text: string): string => text.replace(/\r?\n$/, '')

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8',
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return reasons[code] ?? code
}
