// The one colour that an operator may choose, as the two themes need it. `tokens.css` takes it from there.

import { darkenUntilReadable, isHexColour, lightenUntilReadable } from './contrast.ts'

/** `--sunken` in the light theme: the darkest of the grounds of `tokens.css` on which the colour stands. */
const LIGHT_SUNKEN = '#eceef2'
/** `--surface` in the dark theme, the lightest one. */
const DARK_SURFACE = '#1b2028'

/** What is added to `tokens.css`; nothing if there is no such colour. */
export const accentTokens = (accent: string | undefined): readonly string[] =>
  accent !== undefined && isHexColour(accent)
    ? [
        `:root{--accent-light:${darkenUntilReadable(accent, LIGHT_SUNKEN)};` +
          `--accent-dark:${lightenUntilReadable(accent, DARK_SURFACE)}}\n`,
      ]
    : []
