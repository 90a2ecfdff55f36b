// What providers need that answer by a form (SAML): the address that takes it, and a document that says who we are.

import { z } from 'zod'
import { defineRoute, httpErrors, type Route, seeOther } from '#http'
import { loginErrors } from './errors.ts'
import { isForm } from './is-form.ts'
import { callbackPath, type LoginService } from './login-service.ts'
import { metadataPath } from './metadata-path.ts'
import type { IdentityProvider, RedirectProvider } from './provider.ts'

export interface AnswerRoutesDeps {
  /** @throws login.unknownProvider */
  readonly getProvider: (id: string) => IdentityProvider
  readonly login: Pick<LoginService, 'keepAnswer'>
}

const params = z.object({ provider: z.string() })

/** Fields of the provider's own, and others, which are ignored. */
const answerForm = z.record(z.string().max(64), z.string())
/** Room for a SAML response with many groups, encrypted; each login under way may make us keep so much. */
const MAX_ANSWER_LENGTH = 131_072

export function createAnswerRoutes({ getProvider, login }: AnswerRoutesDeps): readonly Route[] {
  const getRedirect = (id: string): RedirectProvider => {
    const provider = getProvider(id)
    if (provider.kind !== 'redirect') throw loginErrors.unknownProvider({})
    return provider
  }

  return [
    defineRoute({
      method: 'POST',
      path: callbackPath(':provider'),
      routeClass: 'callback',
      access: 'public',
      params,
      body: answerForm,
      handle: async (ctx, { params: { provider: id }, body }) => {
        const provider = getRedirect(id)
        const { answerForm: fields } = provider
        if (fields === undefined) throw loginErrors.unknownProvider({})
        if (!isForm(ctx)) throw httpErrors.unsupportedMediaType({})
        const { [fields.state]: state = '', [fields.answer]: answer = '' } = body
        if (answer.length > MAX_ANSWER_LENGTH) throw httpErrors.bodyTooLarge({ limitBytes: MAX_ANSWER_LENGTH })
        return seeOther(await login.keepAnswer(ctx, provider, { state, answer }))
      },
    }),

    defineRoute({
      method: 'GET',
      path: metadataPath(':provider'),
      routeClass: 'public',
      access: 'public',
      params,
      handle: (_ctx, { params: { provider: id } }) => {
        const { metadata } = getRedirect(id)
        if (metadata === undefined) throw loginErrors.unknownProvider({})
        return { kind: 'bytes', status: 200, contentType: 'application/samlmetadata+xml', body: metadata() }
      },
    }),
  ]
}
