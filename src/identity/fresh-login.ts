// Logins that must be of now: whether the person showed who they are since the login was begun, as the provider says. What
// the browser was told to ask of the provider proves nothing, because who holds the browser can leave it out.

/** How far our clock and the provider's may be apart. */
const LEEWAY_MS = 60_000

/**
 * @param authenticatedAt when the person did, as the provider says; undefined if it does not
 * @param begunAt when the browser was sent there. Both in ms since the epoch
 * @returns why it is no login of now, in words for the log
 */
export function whyNotFresh(authenticatedAt: number | undefined, begunAt: number): string | undefined {
  if (authenticatedAt === undefined) return 'the provider does not say when the person logged in there'
  return authenticatedAt >= begunAt - LEEWAY_MS ? undefined : 'the person logged in there before they were sent'
}
