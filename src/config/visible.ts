// Text that others wrote, for a terminal: it can neither move the cursor, nor begin a line, nor turn what is read around.

/** The text with its control and format characters by their codes: `\u{1b}`. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
