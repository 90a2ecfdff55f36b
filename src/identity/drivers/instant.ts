// Times as other programs write them.

/**
 * A time in UTC, without another zone (SAML 2.0 Core §1.3.3).
 *
 * @returns ms since the epoch, or undefined if it is none
 */
export function parseInstant(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** The same, or whole seconds since the epoch, as JWTs have them. */
export const parseTime = (text: string): number | undefined =>
  /^\d{1,11}$/.test(text) ? Number(text) * 1000 : parseInstant(text)
