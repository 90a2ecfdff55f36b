// A lab whose people can also log in at a real OpenID provider: the same three, and browsers that go there and back.

import type { ProviderAccount } from '../../src/cli/demo/oidc.ts'
import type { TestAnswer, TestClient } from '../support/http-client.ts'
import {
  createAccounts,
  createProviderVisitor,
  type OidcProvider,
  startOidcProvider,
} from '../support/oidc-provider.ts'
import { findFreePort } from '../support/programs.ts'
import { type Lab, type LabSettings, type Persona, startLab } from './lab.ts'

export interface OidcLab extends Omit<Lab, 'logIn'> {
  readonly provider: OidcProvider
  /** Those of the provider: who is taken out can neither log in there nor be refreshed. */
  readonly accounts: ProviderAccount[]
  /** A browser of its own; nobody is logged in, neither here nor at the provider. */
  browser(): OidcBrowser
  /** A browser of its own in which that person has logged in through the provider. */
  logIn(who: Persona): Promise<OidcBrowser>
}

export interface OidcBrowser extends TestClient {
  /** Sends the login form. @returns the address at the provider to which the gateway redirects */
  begin(returnTo?: string): Promise<string>
  /** Logs in there as that person. @returns the address at the gateway to which the provider redirects */
  prove(authorizationUrl: string, who: Persona): Promise<URL>
  /** Follows that redirect. */
  comeBack(callback: URL): Promise<TestAnswer>
  /** Logs out at the provider, without a word to the gateway. */
  logOutThere(): Promise<void>
}

export interface OidcLabSettings extends LabSettings {
  /** What people open, where it is another address than the gateway's own. */
  readonly url?: string
  /** A free port for the gateway: the provider must know it beforehand. */
  readonly port?: number
  readonly accessTokenSeconds?: number
}

export async function startOidcLab(settings: OidcLabSettings = {}): Promise<OidcLab> {
  const { config = {}, accessTokenSeconds, port = await findFreePort(), ...others } = settings
  const url = settings.url ?? `http://127.0.0.1:${port}`
  const accounts = createAccounts()
  const client = {
    clientId: 'gatehouse',
    redirectUris: [`${url}/auth/callback/sso`],
    postLogoutRedirectUris: [`${url}/auth/logged-out`],
    backchannelLogoutUri: `${url}/auth/backchannel/sso`,
  }
  const provider = await startOidcProvider({
    accounts,
    clients: [client],
    ...(accessTokenSeconds !== undefined && { accessTokenSeconds }),
  })
  const sso = {
    id: 'sso',
    type: 'oidc',
    issuer: provider.issuer,
    clientId: 'gatehouse',
    scopes: ['openid', 'profile', 'email', 'groups'],
  }
  const { server, ...rest } = config
  const lab = await startLab({
    ...others,
    config: { ...rest, server: { url, listen: `127.0.0.1:${port}`, ...(server as object) }, identity: [sso] },
  })

  const browser = (): OidcBrowser => {
    const there = createProviderVisitor(provider.issuer)
    const here = lab.stranger()
    return Object.freeze({
      ...here,
      async begin(returnTo = '/') {
        const answer = await here.post('/auth/login/sso', { returnTo })
        if (answer.status !== 303) throw new Error(`the login did not begin: ${answer.status} ${answer.text}`)
        return String(answer.headers.location)
      },
      prove(authorizationUrl: string, who: Persona) {
        const account = accounts.find(({ username }) => username === who)
        if (account === undefined) throw new Error(`no account ${who}`)
        return there.login(authorizationUrl, account)
      },
      comeBack: (callback: URL) => here.get(callback.href, { accept: 'text/html' }),
      logOutThere: async () => void (await there.logout()),
    })
  }

  return Object.freeze({
    ...lab,
    provider,
    accounts,
    browser,
    async logIn(who: Persona) {
      const person = browser()
      const answer = await person.comeBack(await person.prove(await person.begin(), who))
      if (answer.status !== 303) throw new Error(`${who} could not log in: ${answer.status} ${answer.text}`)
      return person
    },
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await provider.close()
    },
  })
}
