// The page for somebody whose account nobody has approved yet: all of the portal that they see.

import { defineRoute, page, type Route, seeOther } from '#http'
import type { Access } from './access.ts'
import { accessErrors } from './errors.ts'
import { PENDING_PATH } from './require-identity-step.ts'

/** @param writesMail whether the person is going to hear of the decision by mail */
export const createPendingRoute = (
  { principal, contact }: Pick<Access, 'principal' | 'contact'>,
  writesMail: boolean,
): Route =>
  defineRoute({
    method: 'GET',
    path: PENDING_PATH,
    routeClass: 'page',
    access: 'self',
    whilePending: true,
    handle: (ctx) => {
      const person = principal(ctx)
      if (person === undefined) throw accessErrors.loginRequired({})
      if (!person.isPending) return seeOther('/')
      const { displayName, username, provider, email } = person
      const told = writesMail && email !== undefined ? { email } : {}
      return page('waiting', 'Waiting for approval', { displayName, username, provider, contact, ...told })
    },
  })
