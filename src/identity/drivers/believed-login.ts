// Logins whose time the provider does not say: by default they are never of just now.

import { z } from 'zod'
import type { Clock } from '#kernel'

/** @param who what it is of providers like this that leaves the time open */
export const dangerouslyBelieveFreshLogins = (who: string) =>
  z
    .boolean()
    .default(false)
    .describe(
      `Count each login as one of just now. ${who}, and without this nobody can do after such a login what needs a recent ` +
        'one (`access.recentLogin`), such as making tokens. With it, whoever finds a browser that is logged in at the ' +
        'provider can.',
    )

/** @param said when the person logged in there, as the provider says. @returns the same, or now where that is believed */
export const loginTime = (
  said: number | undefined,
  { dangerouslyBelieveFreshLogins: isBelieved }: { readonly dangerouslyBelieveFreshLogins: boolean },
  clock: Pick<Clock, 'now'>,
): { readonly authenticatedAt?: number } => {
  const authenticatedAt = said ?? (isBelieved ? clock.now() : undefined)
  return authenticatedAt === undefined ? {} : { authenticatedAt }
}
