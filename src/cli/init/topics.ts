// The five questions: how each is answered by options of the command line, and how at a terminal.

import { detectProfile, type ProfileName } from '../probe/provider-profiles.ts'
import type { Answers, GivenSecret, Login, Server, State } from './answers.ts'
import type { Prompts } from './prompts.ts'
import type { Trials } from './try-answers.ts'

/** As commander reads them. */
export interface InitFlags {
  readonly url?: string
  readonly login?: Login['type']
  readonly profile?: ProfileName
  readonly issuer?: string
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly endpoint?: string
  readonly path?: string
  readonly to?: string
  readonly allow?: string
  readonly state?: State['type']
  readonly redis?: string
  readonly redisPasswordFile?: string
  readonly database?: string
  readonly databasePasswordFile?: string
}

export interface Topic<T> {
  readonly name: string
  /** The options that are still to be given; none: `read` has the whole answer. */
  readonly lacks: (flags: InitFlags) => readonly string[]
  readonly read: (flags: InitFlags) => T
  /** @param flags what was given on the command line is not asked again */
  readonly ask: (prompts: Prompts, flags: InitFlags) => Promise<T>
}

/** In the order in which they are asked; each has its trial in `Trials` under the same key. */
export const topics: { readonly [Key in keyof Trials & keyof Answers]: Topic<Answers[Key]> } = {
  url: {
    name: 'The address that people open',
    lacks: need({ url: '--url' }),
    read: ({ url = '' }) => url,
    ask: async (prompts, { url }) =>
      url ?? (await prompts.text('At which address will people open it?', { example: 'https://gate.example.org' })),
  },
  login: {
    name: 'How people log in',
    lacks: (flags) => need({ login: '--login', ...LOGIN_NEEDS[flags.login ?? 'local'] })(flags),
    read: ({ login = 'local', profile = 'generic', issuer = '', clientId = '', clientSecretFile, endpoint = '' }) => {
      if (login === 'oidc')
        return { type: login, profile, issuer, clientId, ...optional('clientSecret', clientSecretFile) }
      if (login === 'facility') return { type: login, login: endpoint }
      return login === 'local' ? { type: login } : { type: login, endpoint }
    },
    ask: askLogin,
  },
  service: {
    name: 'The service behind the door',
    lacks: need({ to: '--to' }),
    read: ({ path = DEFAULT_PATH, to = '' }) => ({ path, to }),
    ask: async (prompts, { path, to }) => ({
      to:
        to ??
        (await prompts.text('Where is the service that is to be behind the door?', {
          example: 'http://127.0.0.1:8081',
        })),
      path: path ?? (await prompts.text('Under which path will people find it?', { initial: DEFAULT_PATH })),
    }),
  },
  allow: {
    name: 'Who may use it',
    lacks: () => [],
    read: ({ allow = 'authenticated' }) => allow,
    async ask(prompts, { allow }) {
      if (allow !== undefined) return allow
      const who = await prompts.choose('Who may use the service?', {
        authenticated: 'Everybody who is logged in',
        group: 'The members of a group',
      })
      return who === 'group' ? `group:${await prompts.text('Which group?', { example: 'lab' })}` : who
    },
  },
  state: {
    name: 'Where state is kept',
    lacks: (flags) => (flags.state === 'servers' ? need({ redis: '--redis', database: '--database' })(flags) : []),
    read: ({ state = 'embedded', redis = '', database = '', redisPasswordFile, databasePasswordFile }) =>
      state === 'embedded'
        ? { type: state }
        : {
            type: state,
            redis: { url: redis, ...optional('password', redisPasswordFile) },
            database: { url: database, ...optional('password', databasePasswordFile) },
          },
    ask: askState,
  },
}

const DEFAULT_PATH = '/api/service/'

const LOGIN_NEEDS = {
  local: {},
  oidc: { issuer: '--issuer', clientId: '--client-id' },
  facility: { endpoint: '--endpoint' },
  'backend-ai': { endpoint: '--endpoint' },
} as const

function need(options: { readonly [Key in keyof InitFlags]?: string }): (flags: InitFlags) => readonly string[] {
  return (flags) =>
    Object.entries(options).flatMap(([key, option]) => (flags[key as keyof InitFlags] === undefined ? [option] : []))
}

const optional = <Key extends string>(key: Key, file: string | undefined): { readonly [K in Key]?: GivenSecret } =>
  file === undefined ? {} : ({ [key]: { file } } as { readonly [K in Key]: GivenSecret })

async function askLogin(prompts: Prompts, flags: InitFlags): Promise<Login> {
  const type =
    flags.login ??
    (await prompts.choose('How do people log in?', {
      oidc: 'At an OpenID provider (Keycloak, GitLab, Entra ID …)',
      local: 'With accounts that the gateway keeps',
      facility: 'At the facility’s own login service (REST)',
      'backend-ai': 'At a Backend.AI Manager',
    }))
  switch (type) {
    case 'local':
      return { type }
    case 'facility':
      return {
        type,
        login:
          flags.endpoint ??
          (await prompts.text('Where does it take names and passwords?', {
            example: 'https://office.example.org/login/',
          })),
      }
    case 'backend-ai':
      return {
        type,
        endpoint:
          flags.endpoint ?? (await prompts.text('Where is the Manager?', { example: 'https://manager.example.org' })),
      }
    case 'oidc': {
      const issuer =
        flags.issuer ??
        (await prompts.text('What is the issuer of the provider?', { example: 'https://sso.example.org/realms/lab' }))
      const clientId =
        flags.clientId ??
        (await prompts.text('Under which client id does it know the gateway?', { initial: 'gatehouse' }))
      const clientSecret = await askSecret(
        prompts,
        'And the client secret? (it is not shown; empty for a public client)',
        flags.clientSecretFile,
      )
      const profile = flags.profile ?? (await detectProfile(issuer))
      return { type, profile, issuer, clientId, ...(clientSecret && { clientSecret }) }
    }
  }
}

async function askState(prompts: Prompts, flags: InitFlags): Promise<State> {
  const type =
    flags.state ??
    (await prompts.choose('Where is state kept?', {
      embedded: 'In a folder on this machine: nothing else is needed',
      servers: 'In Redis and a database: for several nodes',
    }))
  if (type === 'embedded') return { type }
  const askServer = async (question: string, example: string, url?: string, file?: string): Promise<Server> => {
    const answer = url ?? (await prompts.text(question, { example }))
    const password = await askSecret(prompts, 'And its password? (it is not shown; empty if it asks for none)', file)
    return { url: answer, ...(password && { password }) }
  }
  return {
    type,
    redis: await askServer('Where is Redis?', 'redis://redis.example.org:6379/0', flags.redis, flags.redisPasswordFile),
    database: await askServer(
      'Where is the database, and as whom?',
      'postgres://gatehouse@db.example.org:5432/gatehouse',
      flags.database,
      flags.databasePasswordFile,
    ),
  }
}

async function askSecret(
  prompts: Prompts,
  question: string,
  file: string | undefined,
): Promise<GivenSecret | undefined> {
  if (file !== undefined) return { file }
  const typed = await prompts.secret(question)
  return typed && { typed }
}
