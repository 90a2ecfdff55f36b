// The cookies that the web app of ARCmanager reads by script: what they say is shown there, and proves nothing here. Who the
// person is stands in the session's own cookie, which no script reads and in which there is no token.

import type { PublicUrl, RequestContext, SetCookie } from '#http'
import type { Clock } from '#kernel'

export interface AppCookies {
  /** After a login or a refresh. @param displayName of the person */
  loggedIn(ctx: RequestContext, displayName: string): void
  /** Starts the app's clock anew. */
  renewed(ctx: RequestContext): void
  loggedOut(ctx: RequestContext): void
  /** For the app to tell. @param words without quotation marks and semicolons */
  failed(ctx: RequestContext, words: string): void
  /** The app cannot take it back itself: it tries at another path. */
  forgetError(ctx: RequestContext): void
}

export interface AppCookiesDeps {
  readonly clock: Clock
  readonly publicUrl: Pick<PublicUrl, 'pathTo'>
  /** For http away from this machine, where browsers refuse Secure. */
  readonly plainCookie: boolean
}

export function createAppCookies({ clock, publicUrl, plainCookie }: AppCookiesDeps): AppCookies {
  const put = (ctx: RequestContext, name: string, value: string, more: Partial<SetCookie> = {}): void => {
    ctx.responseCookies.push({
      name,
      value,
      sameSite: 'Strict',
      isForScripts: true,
      ...(!plainCookie && { isSecure: true }),
      ...more,
    })
  }
  const remove = (ctx: RequestContext, ...names: readonly string[]): void => {
    for (const name of names) put(ctx, name, '', { maxAgeSeconds: 0 })
  }
  /** From the time of the old backend, with tokens in it: at the path where it was kept, and at another. */
  const removeTokens = (ctx: RequestContext): void => {
    for (const path of ['/', publicUrl.pathTo('/api')]) {
      put(ctx, 'data', '', { maxAgeSeconds: 0, isForScripts: false, path })
    }
  }
  const startTimer = (ctx: RequestContext): void => put(ctx, 'timer', String(clock.now() / 1000))

  return Object.freeze({
    loggedIn(ctx: RequestContext, displayName: string) {
      put(ctx, 'logged_in', 'true')
      startTimer(ctx)
      put(ctx, 'username', encodeURIComponent(displayName) || 'user')
      remove(ctx, 'error', 'pat')
      removeTokens(ctx)
    },
    renewed: startTimer,
    loggedOut(ctx: RequestContext) {
      remove(ctx, 'logged_in', 'timer', 'username', 'pat')
      removeTokens(ctx)
    },
    failed: (ctx: RequestContext, words: string) => put(ctx, 'error', `"${words}"`),
    forgetError: (ctx: RequestContext) => remove(ctx, 'error'),
  })
}
