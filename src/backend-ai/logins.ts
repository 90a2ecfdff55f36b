// Logging in and out at the webserver's addresses, put together: `/server/`, whose session a request has, and the records
// that the Manager shares where it names sessions.

import type { Mount, PublicUrl } from '#http'
import type { Identities } from '#identity'
import type { Clock, HealthReport } from '#kernel'
import { createCookieTest, createKeypairSigner, type Service } from '#proxy'
import type { Sessions } from '#sessions'
import type { Storage } from '#storage'
import type { Logger } from '#telemetry'
import { type BackendAiConfig, lifetimeOf } from './config.ts'
import type { Profile } from './profile.ts'
import type { BodyReader } from './read-body.ts'
import { createRecordStore } from './records/record-store.ts'
import { createLoginRecords } from './records/records.ts'
import { createSharedLogins } from './records/shared-logins.ts'
import { createLogIn } from './server/log-in.ts'
import { createLoginHandlers } from './server/login-handlers.ts'
import { createManager } from './server/manager.ts'
import { createServerMount } from './server/mount.ts'
import { createToProof } from './server/person.ts'
import { createReplacePassword } from './server/replace-password.ts'
import { createSessionHandlers } from './server/session-handlers.ts'
import { createSessionCookie } from './session-cookie.ts'
import { createSessionOf, type SessionOf } from './session-of.ts'

export interface Logins {
  readonly mount: Mount
  readonly sessionOf: SessionOf
  start(): Promise<void>
  stop(): Promise<void>
  /** Of the store that the Manager shares. */
  health(): Promise<HealthReport>
}

export interface LoginsDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger }
  readonly storage: Pick<Storage, 'keyValue'>
  readonly sessions: Sessions
  readonly identity: Pick<Identities, 'enter' | 'providers'>
  readonly publicUrl: PublicUrl
  readonly config: BackendAiConfig
  readonly profile: Profile
  readonly manager: Pick<Service, 'ask'>
  readonly bodies: BodyReader
  readonly webUi: Pick<Mount, 'serve'> | undefined
}

export function createLogins(deps: LoginsDeps): Logins {
  const { clock, storage, sessions, identity, publicUrl, config, profile, bodies } = deps
  const { log } = deps.telemetry
  const { provider } = config.login
  const { extensionMs } = lifetimeOf(config.session)
  const toProof = createToProof(config, identity)
  const cookie = createSessionCookie(config.session.cookie, publicUrl)
  const manager = createManager({
    clock,
    service: deps.manager,
    domain: config.manager.domain,
    profile,
    publicUrl,
    isOwnCookie: createCookieTest(sessions.cookieNames),
    sign: createKeypairSigner(clock),
  })
  const store =
    profile.sessionNamedBy === 'manager' && config.sharedRedis !== undefined
      ? createRecordStore(config.sharedRedis, log)
      : undefined
  const shared =
    store &&
    createSharedLogins({
      clock,
      keyValue: storage.keyValue,
      records: createLoginRecords({ clock, keyValue: store }),
      sessions,
      identity,
      manager,
      provider,
      toProof,
      extensionMs,
      log,
    })
  const sessionOf = createSessionOf({ sessions, shared })
  const logIn = createLogIn({ config, profile, identity, sessions, toProof, cookie, shared })
  const { login, tokenLogin } = createLoginHandlers({ config, profile, bodies, sessionOf, manager, logIn })
  const { loginCheck, logout, extend } = createSessionHandlers({ config, sessionOf, sessions, cookie, shared })
  const replacePassword = createReplacePassword({ config, profile, bodies, identity, manager })

  return Object.freeze<Logins>({
    mount: createServerMount({
      profile,
      webUi: deps.webUi,
      handlers: new Map([
        ['login', login],
        ['token-login', tokenLogin],
        ['login-check', loginCheck],
        ['logout', logout],
        ['update-password-no-auth', replacePassword],
        ['extend-login-session', extend],
      ]),
    }),
    sessionOf,
    async start() {
      await store?.start()
      shared?.start()
    },
    async stop() {
      shared?.stop()
      await store?.stop()
    },
    health: async () => store?.health() ?? { healthy: true },
  })
}
