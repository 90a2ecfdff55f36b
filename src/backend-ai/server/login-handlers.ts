// `login` and `token-login` (§1.2, §1.3): by name and password, and by the token that a single sign-on has left.

import type { ServerResponse } from 'node:http'
import { type Answer, type RequestContext, readCookies } from '#http'
import type { BackendAiConfig } from '../config.ts'
import type { Profile } from '../profile.ts'
import type { BodyReader } from '../read-body.ts'
import type { SessionOf } from '../session-of.ts'
import type { ManagerLogin } from './authorization.ts'
import { webserverErrors } from './errors.ts'
import { type Fields, parseFields, requireText, requireUsername } from './fields.ts'
import type { LogIn } from './log-in.ts'
import { toLoginAnswer } from './login-answers.ts'
import type { Manager } from './manager.ts'

export type Handler = (ctx: RequestContext, response: ServerResponse) => Promise<Answer>

export interface LoginHandlersDeps {
  readonly config: Pick<BackendAiConfig, 'login'>
  readonly profile: Pick<Profile, 'failedLoginStatus'>
  readonly bodies: BodyReader
  readonly sessionOf: SessionOf
  readonly manager: Pick<Manager, 'authorize' | 'findUser'>
  readonly logIn: LogIn
}

export function createLoginHandlers(deps: LoginHandlersDeps) {
  const { config, profile, bodies, sessionOf, manager, logIn } = deps
  const { provider, tokenName } = config.login

  const readFields = async (ctx: RequestContext, response: ServerResponse): Promise<Fields> => {
    const session = await sessionOf.find(ctx, response)
    if (session?.credentials[provider] !== undefined) throw webserverErrors.alreadyLoggedIn({})
    return parseFields(await bodies.read(ctx, response))
  }

  const nameOf = async (login: ManagerLogin) => (await manager.findUser(login))?.username

  return Object.freeze({
    async login(ctx: RequestContext, response: ServerResponse) {
      const fields = await readFields(ctx, response)
      const username = requireUsername(fields)
      requireText(fields, 'password', () => webserverErrors.passwordMissing({}))
      const told: Fields = new Map([...fields, ['username', username]])
      const answer = await logIn(ctx, {
        username,
        hasCode: !NO_CODE.has(fields.get('otp')),
        ask: () => manager.authorize(ctx, told),
        nameOf: isPlain(fields) ? async () => username : async (login) => agree(username, await nameOf(login)),
      })
      return toLoginAnswer(answer, profile)
    },

    async tokenLogin(ctx: RequestContext, response: ServerResponse) {
      const fields = await readFields(ctx, response)
      const token = findToken(ctx, fields, tokenName)
      if (token === undefined) throw webserverErrors.tokenMissing({})
      const told: Fields = new Map([...fields, ...NOBODY, [tokenName, token]])
      const answer = await logIn(ctx, {
        ask: () => manager.authorize(ctx, told, { withCookies: true }),
        nameOf,
      })
      return toLoginAnswer(answer)
    },
  } satisfies Record<string, Handler>)
}

const NO_CODE: ReadonlySet<unknown> = new Set([undefined, null, ''])

/** What the Manager itself takes into account: the name and its password, as typed. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set('username password otp force client_type_id domain type'.split(' '))

/** Plugins of the Manager may let people in by any other field, such as a token of theirs, whatever name stands beside it. */
const isPlain = (fields: Fields): boolean => fields.keys().every((name) => PLAIN_FIELDS.has(name))

/** @throws webserver.usernameUnusable: whoever was let in is not who the attempt was counted for, or who they say they are */
function agree(typed: string, told: string | undefined): string | undefined {
  if (told !== undefined && told.toLowerCase() !== typed.toLowerCase()) {
    throw webserverErrors.usernameUnusable({ reason: 'What else the body holds is somebody else’s.' })
  }
  return told
}

/** The token alone decides: nobody gets past the counting of wrong passwords by calling one a token. */
const NOBODY = [
  ['username', 'fake-email'],
  ['password', 'fake-pwd'],
] as const

/** In the body, or else as a cookie; two different cookies are none. */
function findToken({ request }: RequestContext, fields: Fields, name: string): string | undefined {
  const inBody = fields.get(name)
  if (typeof inBody === 'string' && inBody !== '') return inBody
  const [first, ...others] = readCookies(request.headers.cookie, name)
  return first !== '' && others.every((other) => other === first) ? first : undefined
}
