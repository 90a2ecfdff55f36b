// How a person wants the pages, as far as the database says so at once. It is no reason to keep anybody from a page: where it
// is away or slow, the page looks as this browser was last shown it.

import type { Look, RequestContext } from '#http'
import type { Clock, UserId } from '#kernel'
import type { Looks } from './look.ts'
import type { PreferenceStore } from './preferences.ts'

/** Longer than this nobody waits for the colour of a page. */
const LIMIT_MS = 300
/** After it did not answer, it is left alone for this long. */
const PAUSE_MS = 5_000

export type FindLook = (ctx: RequestContext, userId: UserId) => Promise<Look>

export interface FindLookDeps {
  readonly clock: Clock
  readonly preferences: Pick<PreferenceStore, 'find'>
  readonly looks: Looks
}

export function createFindLook({ clock, preferences, looks }: FindLookDeps): FindLook {
  let askAgainMs = 0

  const ask = async (userId: UserId) => {
    const overdue = Promise.withResolvers<undefined>()
    const cancel = clock.after(LIMIT_MS, () => overdue.reject(new Error('overdue')))
    try {
      return await Promise.race([preferences.find(userId), overdue.promise])
    } catch {
      // What is wrong with the database is told by whoever cannot do without it.
      askAgainMs = clock.monotonicMs() + PAUSE_MS
      return undefined
    } finally {
      cancel()
    }
  }

  return async (ctx, userId) => {
    const seen = looks.read(ctx)
    const chosen = clock.monotonicMs() < askAgainMs ? undefined : await ask(userId)
    if (chosen === undefined) return seen
    const look = { theme: chosen.theme, language: chosen.language ?? seen.language }
    // This browser then knows it too.
    if (look.language !== seen.language || look.theme !== seen.theme) looks.write(ctx, chosen)
    return look
  }
}
