// What this browser was last shown in, in a small cookie: so that pages for people who are not logged in look as they chose,
// and no page turns white before it turns dark. Everything in it is checked like input.

import { LANGUAGES, type Language, type Look, negotiateLanguage, type RequestContext, THEMES, type Theme } from '#http'
import type { OwnCookie } from '#sessions'

export interface Looks {
  /** As chosen in this browser, else in the browser's language and as the computer is set. */
  read(ctx: RequestContext): Look
  /** What was chosen; the rest stays as it was. */
  write(ctx: RequestContext, chosen: Chosen): void
}

export type Chosen = { readonly [Part in keyof Look]?: Look[Part] | undefined }

const MAX_AGE_SECONDS = 365 * 86_400

export function createLooks(cookie: OwnCookie): Looks {
  const chosen = (ctx: RequestContext): Partial<Look> => {
    const value = cookie.read(ctx)
    if (typeof value !== 'string') return {}
    const [language, theme] = value.split('.')
    return { ...asLanguage(language), ...asTheme(theme) }
  }
  return Object.freeze({
    read: (ctx: RequestContext) => ({
      language: negotiateLanguage(ctx.request.headers['accept-language']),
      theme: 'system' as const,
      ...chosen(ctx),
    }),
    write(ctx: RequestContext, next: Chosen) {
      const { language = '', theme = '' } = { ...chosen(ctx), ...next }
      cookie.set(ctx, `${language}.${theme}`, MAX_AGE_SECONDS)
    },
  })
}

function asLanguage(text: string | undefined): Partial<Look> {
  const language: Language | undefined = LANGUAGES.find((each) => each === text)
  return language === undefined ? {} : { language }
}

function asTheme(text: string | undefined): Partial<Look> {
  const theme: Theme | undefined = THEMES.find((each) => each === text)
  return theme === undefined ? {} : { theme }
}
