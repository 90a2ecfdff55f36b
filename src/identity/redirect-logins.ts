// Logins at a provider that redirects, begun and answered at addresses of a feature's own: the provider was told them long
// ago, or old clients know them. The rest is as at the portal.

import type { RequestContext } from '#http'
import type { GatewayError } from '#kernel'
import { loginErrors } from './errors.ts'
import type { LoginService } from './login-service.ts'
import type { IdentityProvider, RedirectProvider } from './provider.ts'
import { HOME } from './return-to.ts'

export interface RedirectLogins {
  /**
   * @param callback the path, with its query if it has one, that the provider sends the browser back to
   * @returns where to send the browser
   * @throws login.unknownProvider, login.providerUnavailable, login.tooManyPending
   */
  begin(ctx: RequestContext, provider: string, callback: string): Promise<string>
  /**
   * Takes the answer. The request holds the session afterwards.
   * @returns what stopped the login, where the person or the provider ended it
   * @throws login.attemptUnknown also for an answer that came before; whatever else refuses it
   */
  complete(ctx: RequestContext, provider: string): Promise<GatewayError | undefined>
}

export interface RedirectLoginsDeps {
  readonly providers: ReadonlyMap<string, IdentityProvider>
  readonly login: Pick<LoginService, 'begin' | 'complete'>
}

export function createRedirectLogins({ providers, login }: RedirectLoginsDeps): RedirectLogins {
  const getProvider = (id: string): RedirectProvider => {
    const provider = providers.get(id)
    if (provider?.kind !== 'redirect') throw loginErrors.unknownProvider({})
    return provider
  }
  return Object.freeze({
    begin: async (ctx: RequestContext, provider: string, callback: string) =>
      login.begin(ctx, getProvider(provider), { purpose: 'login', returnTo: HOME }, callback),
    async complete(ctx: RequestContext, provider: string) {
      const outcome = await login.complete(ctx, getProvider(provider), 'refuse')
      return outcome.kind === 'stopped' ? outcome.error : undefined
    },
  })
}
