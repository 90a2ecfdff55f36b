// What is asked of the Manager for people who log in and out (§1.2): whether they are who they say, what their name is, that
// they have left. Nothing of theirs is kept or logged here.

import { type PublicUrl, type RequestContext, withoutCookies } from '#http'
import { negotiateVersion } from '#identity'
import { type Clock, GatewayError, Secret } from '#kernel'
import type { KeypairSigner, Service, ServiceAnswer } from '#proxy'
import type { Profile } from '../profile.ts'
import { SESSION_COOKIE } from '../session-name.ts'
import { type ManagerAnswer, type ManagerLogin, readAuthorization, readJson, type Understood } from './authorization.ts'
import { webserverErrors } from './errors.ts'
import type { Fields } from './fields.ts'
import { type ManagerUser, readUser, USER_QUERY } from './manager-user.ts'

export interface Manager {
  /**
   * Asks for the keypair of whoever the fields prove to be. The domain and the type are ours to say.
   *
   * @param how with the client's cookies, for plugins of the Manager that read them
   * @throws webserver.managerUnusable, upstream.nowhere
   */
  authorize(ctx: RequestContext, fields: Fields, how?: { readonly withCookies: boolean }): Promise<Understood>
  /** @throws the same */
  replacePassword(ctx: RequestContext, fields: Fields): Promise<ManagerAnswer>
  /**
   * The owner of the keypair; undefined if the Manager does not take the keypair, or it is of somebody in another domain.
   * @throws the same
   */
  findUser(login: ManagerLogin): Promise<ManagerUser | undefined>
  /** @throws what keeps the Manager from hearing of it */
  logOut(sessionToken: string): Promise<void>
}

export interface ManagerDeps {
  readonly clock: Clock
  readonly service: Pick<Service, 'ask'>
  readonly domain: string
  readonly profile: Pick<Profile, 'version' | 'sessionNamedBy'>
  readonly publicUrl: Pick<PublicUrl, 'host'>
  /** Cookies of the gateway's own. */
  readonly isOwnCookie: (name: string) => boolean
  readonly sign: KeypairSigner
}

/** Together below the ten seconds that a person may wait. */
const VERSION_LIMIT_MS = 2000
const LIMIT_MS = 7000
/** Of somebody who leaves, and waits for nothing but that. */
const LOGOUT_LIMIT_MS = 3000
const MAX_ANSWER_BYTES = 65_536

export function createManager(deps: ManagerDeps): Manager {
  const { clock, service, domain, profile, publicUrl, isOwnCookie, sign } = deps
  const agent = { 'user-agent': `Backend.AI Web Server ${profile.version}` }

  /** A Manager that does not say its version is asked in ours. */
  const negotiate = async (): Promise<string> => {
    const question = { method: 'GET', path: '/', headers: agent } as const
    const limits = { limitMs: VERSION_LIMIT_MS, maxBytes: MAX_ANSWER_BYTES }
    const answer = await service.ask({ ...question, ...limits }).catch(() => undefined)
    return negotiateVersion(answer?.status === 200 ? readJson(toManagerAnswer(answer)) : undefined)
  }

  const forwardedFor = ({ client }: RequestContext) => ({
    'x-forwarded-host': publicUrl.host,
    'x-forwarded-proto': client.protocol,
    // One address, not a list, which Managers misread. A local socket has none.
    ...(client.address !== 'unix' && { 'x-forwarded-for': client.address }),
  })

  const cookiesOf = ({ request }: RequestContext): { readonly cookie?: string } => {
    const kept = withoutCookies(request.headers.cookie ?? '', (name) => name === SESSION_COOKIE || isOwnCookie(name))
    return kept === undefined ? {} : { cookie: kept }
  }

  const post = async (
    path: string,
    body: object,
    more: Readonly<Record<string, string>>,
    limitMs = LIMIT_MS,
  ): Promise<ManagerAnswer> => {
    const headers = {
      ...agent,
      'content-type': 'application/json',
      'x-backendai-domain': domain,
      'x-backendai-version': await negotiate(),
      date: new Date(clock.now()).toISOString(),
      ...more,
    }
    const limits = { limitMs, maxBytes: MAX_ANSWER_BYTES }
    return toManagerAnswer(await service.ask({ method: 'POST', path, headers, body: JSON.stringify(body), ...limits }))
  }

  return Object.freeze({
    async authorize(ctx: RequestContext, fields: Fields, { withCookies } = { withCookies: false }) {
      const body = { ...Object.fromEntries(fields), type: 'keypair', domain }
      const more = { ...forwardedFor(ctx), ...(withCookies && cookiesOf(ctx)) }
      const answer = await understood(post('/auth/authorize', body, more))
      const authorization = readAuthorization(answer, profile)
      if (authorization.kind === 'unusable') throw unusable(authorization.reason)
      return authorization
    },

    async replacePassword(ctx: RequestContext, fields: Fields) {
      const names = ['username', 'current_password', 'new_password']
      const body = { domain, ...Object.fromEntries(names.map((name) => [name, fields.get(name)])) }
      return understood(post('/auth/update-password-no-auth', body, forwardedFor(ctx)))
    },

    async findUser({ accessKey, secretKey }: ManagerLogin) {
      const keypair = { accessKey, secretKey: new Secret(secretKey) }
      const type = 'application/json'
      const answer = await understood(
        service
          .ask({
            method: 'POST',
            path: '/admin/gql',
            headers: { ...agent, 'content-type': type, 'x-backendai-domain': domain },
            sign: (request) => sign(keypair, request, { version: negotiateVersion(undefined), type }),
            body: JSON.stringify({ query: USER_QUERY, variables: {} }),
            limitMs: LIMIT_MS,
            maxBytes: MAX_ANSWER_BYTES,
          })
          .then(toManagerAnswer),
      )
      if (answer.status === 401) return undefined
      const user = answer.status === 200 ? readUser(readJson(answer)) : undefined
      if (user === undefined) throw unusable(`status ${answer.status} to the question whose a keypair is`)
      return user.domain === domain ? user : undefined
    },

    async logOut(sessionToken: string) {
      const { status } = await post('/auth/logout', { session_token: sessionToken }, {}, LOGOUT_LIMIT_MS)
      if (status >= 300) throw unusable(`status ${status} to a logout`)
    },
  })
}

const toManagerAnswer = ({ status, headers, body }: ServiceAnswer): ManagerAnswer => ({
  status,
  contentType: String(headers['content-type'] ?? ''),
  body,
})

const unusable = (reason: string, cause?: unknown): GatewayError =>
  webserverErrors.managerUnusable({}, { internal: { reason }, ...(cause !== undefined && { cause }) })

/** Who logs in is told the same of a Manager that is slow, busy or broken. That there is none has words of its own. */
async function understood(answer: Promise<ManagerAnswer>): Promise<ManagerAnswer> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'upstream.nowhere') throw error
    throw unusable(error instanceof GatewayError ? error.code : 'no answer', error)
  }
}
