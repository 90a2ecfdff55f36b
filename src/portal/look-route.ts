// Language and theme by a form, from the pages of the server: also for people who are not logged in, and without script.

import { z } from 'zod'
import type { Access } from '#access'
import { defineRoute, LANGUAGES, type Route, seeOther, THEMES } from '#http'
import { toReturnTo } from '#identity'
import type { Clock } from '#kernel'
import type { Looks } from './look.ts'
import type { PreferenceStore } from './preferences.ts'

export interface LookRouteDeps {
  readonly clock: Clock
  readonly access: Pick<Access, 'principal'>
  readonly looks: Looks
  readonly preferences: PreferenceStore
}

const form = z.object({
  language: z.enum(LANGUAGES).optional(),
  theme: z.enum(THEMES).optional(),
  returnTo: z.string().optional(),
})

export const createLookRoute = ({ clock, access, looks, preferences }: LookRouteDeps): Route =>
  defineRoute({
    method: 'POST',
    path: '/auth/look',
    routeClass: 'auth',
    access: 'public',
    body: form,
    handle: async (ctx, { body: { returnTo, language, theme } }) => {
      const chosen = { ...(language !== undefined && { language }), ...(theme !== undefined && { theme }) }
      looks.write(ctx, chosen)
      const principal = access.principal(ctx)
      if (principal !== undefined) {
        const { theme: before = 'system', ...rest } = (await preferences.find(principal.userId)) ?? {}
        await preferences.put(principal.userId, { theme: before, ...rest, ...chosen }, clock.now())
      }
      return seeOther(toReturnTo(returnTo))
    },
  })
