// The five questions: how each is answered by options of the command line, and how at a terminal.

import type { Answers, Server, State } from './answers.ts'
import { askSecret, fileSecret, type InitFlags, need } from './flags.ts'
import { loginTopic } from './login-topic.ts'
import type { Prompts } from './prompts.ts'
import type { Trials } from './try-answers.ts'

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
  login: loginTopic,
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
            redis: { url: redis, ...fileSecret('password', redisPasswordFile) },
            database: { url: database, ...fileSecret('password', databasePasswordFile) },
          },
    ask: askState,
  },
}

const DEFAULT_PATH = '/api/service/'

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
