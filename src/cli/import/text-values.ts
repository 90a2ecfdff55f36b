// Texts of the original's file that go on to the Web UI, to headers, to policies: one line each.

import type { Original, Path } from './original.ts'

/** An empty text is the original's way of saying nothing. */
export function readLine(original: Original, path: Path): string | undefined {
  const text = original.text(path)
  if (text === undefined || text === '') return undefined
  return CONTROL.test(text) ? original.refuse(path, 'it has line breaks or control characters', 'write one line') : text
}

/** Trimmed, and without empty ones; undefined if none is left. */
export function readItems(original: Original, path: Path): readonly string[] | undefined {
  const written = original.list(path)
  const items = written?.map((item) => item.trim()).filter((item) => item !== '')
  if (items === undefined || items.length === 0) return undefined
  return items.some((item) => CONTROL.test(item) || item.includes(','))
    ? original.refuse(path, 'an item has a comma, a line break or a control character', 'write each item by itself')
    : items
}

const CONTROL = /\p{Cc}/u
