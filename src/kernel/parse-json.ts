// JSON that somebody else wrote.

/** @returns undefined if it cannot be read, which JSON itself cannot say */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
