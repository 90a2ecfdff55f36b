// A gateway with two hubs behind it, each a GitLab of its own with an account for the same people, under a base path as the
// ARCmanager backend had one; and browsers that go there and back.

import { Secret } from '#kernel'
import { type GitLab, startGitLab } from '../support/gitlab/gitlab.ts'
import { createGitLabUsers } from '../support/gitlab/users.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { createProviderVisitor, type ProviderVisitor } from '../support/oidc-provider.ts'
import { findFreePort } from '../support/programs.ts'
import { type ConfigLayer, type GatewaySettings, startGateway, type TestGateway } from '../support/start-gateway.ts'

export type HubName = 'freiburg' | 'tuebingen'
export type Persona = 'ada' | 'grace' | 'mallory'

export interface HubsLab extends AsyncDisposable {
  readonly gateway: TestGateway
  /** What people open, with the base path and without a slash at the end. */
  readonly url: string
  readonly basePath: string
  readonly hubs: Readonly<Record<HubName, GitLab>>
  /** For another node of the same configuration. */
  readonly config: ConfigLayer
  /** A browser of its own, in which nobody is logged in. @param url where it finds the gateway, if elsewhere */
  browser(url?: string): HubBrowser
  /** A browser in which that person has logged in at the portal, by the hub. */
  logIn(who: Persona, hub?: HubName): Promise<HubBrowser>
}

export interface HubBrowser extends TestClient {
  /** Logs in at the hub as that person. @returns the address at the gateway to which the hub redirects */
  prove(authorizationUrl: string, who: Persona): Promise<URL>
  /** Follows that redirect. */
  comeBack(callback: URL): Promise<TestAnswer>
  /** By the buttons of the portal. */
  logIn(who: Persona, hub: HubName): Promise<TestAnswer>
  connect(who: Persona, hub: HubName): Promise<TestAnswer>
  /** As the old web app does: one navigation, which begins on its own page. */
  logInByApp(who: Persona, hub: HubName): Promise<TestAnswer>
}

export interface HubsLabSettings extends GatewaySettings {
  readonly basePath?: string
  readonly accessTokenSeconds?: number
  /** Where people open it, if that is a proxy in front. */
  readonly publicOrigin?: string
  readonly port?: number
}

export const APP = '/app/index.html'

const clientSecret = 'CANARY-client-secret-of-the-gateway'

/** The hubs alone, for a gateway that is started elsewhere. */
export interface TwoHubs extends Pick<HubsLab, 'hubs' | 'config' | 'browser'> {
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export async function startHubsLab(settings: HubsLabSettings = {}): Promise<HubsLab> {
  const { basePath = '/arcmanager', accessTokenSeconds, publicOrigin, ...others } = settings
  const port = settings.port ?? (await findFreePort())
  const url = `${publicOrigin ?? `http://127.0.0.1:${port}`}${basePath}`
  const { env, close, ...two } = await startTwoHubs({
    url,
    ...(accessTokenSeconds !== undefined && { accessTokenSeconds }),
  })
  const layers = settings.config === undefined ? [] : [settings.config].flat()
  const gateway = await startGateway({
    ...others,
    env: { ...env, ...settings.env },
    config: [two.config, { server: { listen: `127.0.0.1:${port}` } }, ...layers],
  })
  return Object.freeze({
    ...two,
    gateway,
    url,
    basePath,
    async logIn(who: Persona, hub: HubName = 'freiburg') {
      const person = two.browser()
      const answer = await person.logIn(who, hub)
      if (answer.status !== 303) throw new Error(`${who} could not log in: ${answer.status} ${answer.text}`)
      return person
    },
    async [Symbol.asyncDispose]() {
      await gateway.close()
      await close()
    },
  })
}

/** @param url what people open, with the base path and without a slash at the end */
export async function startTwoHubs({
  url,
  accessTokenSeconds,
}: {
  readonly url: string
  readonly accessTokenSeconds?: number
}): Promise<TwoHubs> {
  const start = (name: HubName, firstId: number) =>
    startGitLab({
      users: createGitLabUsers(firstId),
      applications: [
        {
          clientId: `gatehouse-${name}`,
          clientSecret: new Secret(clientSecret),
          redirectUris: [`${url}/auth/callback/${name}`, `${url}/api/v1/auth/callback?datahub=${name}`],
        },
      ],
      // Who says how long tokens live lets a clock go ahead.
      ...(accessTokenSeconds !== undefined && { accessTokenSeconds, idTokenSeconds: 3600 }),
    })
  const [freiburg, tuebingen] = await Promise.all([start('freiburg', 101), start('tuebingen', 201)])
  const hubs = { freiburg, tuebingen }
  const names = Object.keys(hubs) as HubName[]
  const config = {
    server: { url },
    identity: names.map((name) => ({
      id: name,
      type: 'oidc',
      profile: 'gitlab',
      label: `DataHUB ${name}`,
      issuer: hubs[name].url,
      clientId: `gatehouse-${name}`,
      clientSecret: { env: 'HUB_SECRET' },
      scopes: ['openid', 'profile', 'email', 'api'],
    })),
    hubs: { app: APP, hubs: names.map((name) => ({ id: name, provider: name, to: hubs[name].url })) },
  }

  const browser = (here = url): HubBrowser => {
    const client = createClient(here)
    const visitors = new Map<string, ProviderVisitor>()
    const visitorOf = (issuer: string): ProviderVisitor => {
      const visitor = visitors.get(issuer) ?? createProviderVisitor(issuer)
      visitors.set(issuer, visitor)
      return visitor
    }
    const prove = (authorizationUrl: string, who: Persona): Promise<URL> => {
      const hub = Object.values(hubs).find((each) => authorizationUrl.startsWith(`${each.url}/`))
      const user = hub?.users.find(({ username }) => username === who)
      if (hub === undefined || user === undefined) throw new Error(`${who} cannot log in at ${authorizationUrl}`)
      return visitorOf(hub.url).login(authorizationUrl, user)
    }
    const comeBack = (callback: URL) => {
      if (!callback.href.startsWith(url)) throw new Error(`the hub redirects to ${callback.href}`)
      const path = callback.href.slice(url.length)
      return client.get(path, { accept: 'text/html', host: new URL(url).host })
    }
    const goOn = async (begun: TestAnswer, who: Persona): Promise<TestAnswer> => {
      if (begun.status !== 302 && begun.status !== 303)
        throw new Error(`the login did not begin: ${begun.status} ${begun.text}`)
      return comeBack(await prove(String(begun.headers.location), who))
    }
    return Object.freeze({
      ...client,
      get cookies() {
        return client.cookies
      },
      prove,
      comeBack,
      logIn: async (who: Persona, hub: HubName) =>
        goOn(await client.post(`/auth/login/${hub}`, { returnTo: '/' }), who),
      connect: async (who: Persona, hub: HubName) => goOn(await client.post(`/auth/connect/${hub}`), who),
      logInByApp: async (who: Persona, hub: HubName) =>
        goOn(await client.get(`/api/v1/auth/login?datahub=${hub}`, FROM_APP), who),
    })
  }

  return Object.freeze({
    hubs,
    config,
    browser,
    env: { HUB_SECRET: clientSecret },
    close: async () => void (await Promise.all(Object.values(hubs).map((hub) => hub.close()))),
  })
}

/** What browsers say of a request that a page of the same origin makes. */
export const FROM_APP = { 'sec-fetch-site': 'same-origin', accept: '*/*' } as const
