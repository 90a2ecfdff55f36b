// Which browsers have logged in by which names before, in a sealed cookie (OWASP, "Slow Down Online Guessing Attacks with
// Device Cookies"). Proves nothing about the person and opens nothing: such a browser only has a budget of its own, so
// that strangers who guess at the account cannot lock its owner out.

import { z } from 'zod'
import type { RequestContext } from '#http'
import { type Clock, randomToken } from '#kernel'
import type { OwnCookie } from '#sessions'
import type { SealContext, Sealer } from '#storage'

export interface KnownBrowsers {
  /** Names the browser, if it has logged in by this name. @param typed of `typedKey` */
  find(ctx: RequestContext, typed: string): string | undefined
  /** The same, whatever the name. */
  findAny(ctx: RequestContext): string | undefined
  /** After a login. */
  remember(ctx: RequestContext, typed: string): void
}

const LIFETIME_MS = 180 * 86_400_000
/** Of one browser: a desk where several people work. */
const MAX_NAMES = 3
const MAX_LENGTH = 1024
const SEAL: SealContext = { purpose: 'known-browser', boundTo: 'cookie' }

const entries = z.array(z.strictObject({ typed: z.string(), name: z.string(), endsAt: z.number() })).max(MAX_NAMES)
type Entry = z.infer<typeof entries>[number]

export interface KnownBrowsersDeps {
  readonly clock: Clock
  readonly sealer: Sealer
  readonly cookie: OwnCookie
}

export function createKnownBrowsers({ clock, sealer, cookie }: KnownBrowsersDeps): KnownBrowsers {
  const read = (ctx: RequestContext): readonly Entry[] => {
    const value = cookie.read(ctx)
    if (typeof value !== 'string' || value.length > MAX_LENGTH) return []
    const opened = sealer.open(value, SEAL)
    if (opened === undefined) return []
    const parsed = entries.safeParse(JSON.parse(opened.toString()))
    return parsed.success ? parsed.data.filter(({ endsAt }) => endsAt > clock.now()) : []
  }

  return Object.freeze({
    find: (ctx: RequestContext, typed: string) => read(ctx).find((entry) => entry.typed === typed)?.name,
    findAny: (ctx: RequestContext) => read(ctx)[0]?.name,
    remember(ctx: RequestContext, typed: string) {
      const others = read(ctx).filter((entry) => entry.typed !== typed)
      const own = { typed, name: randomToken(12), endsAt: clock.now() + LIFETIME_MS }
      const value = sealer.seal(JSON.stringify([own, ...others.slice(0, MAX_NAMES - 1)]), SEAL)
      cookie.set(ctx, value, LIFETIME_MS / 1000)
    },
  })
}
