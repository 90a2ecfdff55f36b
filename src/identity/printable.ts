// Text from outside on its way into rows, logs and pages: no control characters, a bounded length.

/** The text without control characters and line separators, cut at `maxLength` characters. */
export const toPrintable = (text: string, maxLength: number): string =>
  text
    .slice(0, maxLength * 2)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '')
    .trim()
    .slice(0, maxLength)
    .toWellFormed()
