// How deep a JSON text goes, before it is parsed: half a million brackets in a row cost the parser a tenth of a second of
// the event loop, and more than that in memory.

/** Deeper than anything that our own addresses take. */
export const MAX_JSON_DEPTH = 32

/** Whether lists and objects are nested deeper than this. Whether it is JSON at all is for the parser to say. */
export function nestsDeeperThan(text: string, most: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (char === LIST || char === OBJECT) depth++
    else if (char === LIST_END || char === OBJECT_END) depth--
    if (depth > most) return true
  }
  return false
}

const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** @param start of the opening quote. @returns the place of the closing one, or the end of the text */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}
