// The configuration that `gatehouse init` writes: each answer as a section of commented YAML, and the files beside it that
// hold what was typed and is secret. Short on purpose: what has a good default is not written.

import type { Secret } from '#kernel'
import { toYamlValue } from '../yaml-text.ts'
import type { Answers, GivenSecret, Login, Server, Service, State } from './answers.ts'

/** Names of providers in the file that is written. */
export const LOGIN_IDS = {
  oidc: 'sso',
  oauth2: 'login',
  local: 'local',
  facility: 'office',
  'backend-ai': 'manager',
} as const

export const toConfigText = (answers: Answers): string =>
  [
    HEADING,
    toServerSection(answers.url),
    toIdentitySection(answers.login),
    toUpstreamsSection(answers.service, answers.allow, answers.login),
    toStorageSection(answers.state),
  ].join('\n')

const HEADING = `# Written by \`gatehouse init\`. Every key there is, explained: \`gatehouse config sample\`.
# After a change: \`gatehouse config check\`. A running gateway takes most changes up by itself.
`

export function toServerSection(url: string): string {
  const { protocol, host, hostname, port } = URL.parse(url) ?? {}
  if (protocol !== 'http:') return `${serverHead(url)}${BEHIND_A_PROXY}`
  return `${serverHead(url)}  listen: ${toYamlValue(port === '' ? `${hostname}:80` : (host ?? ''))}\n`
}

const serverHead = (url: string): string => `server:
  # What people open. Redirects, cookies and links follow it.
  url: ${toYamlValue(url)}
`

const BEHIND_A_PROXY = `  # Where the proxy in front, which does TLS, finds the gateway.
  listen: 0.0.0.0:8080
  # The address of that proxy, whose X-Forwarded-For and X-Forwarded-Proto are believed; nobody's without this.
  # trustedProxies: [127.0.0.1]
`

export function toIdentitySection(login: Login): string {
  const head = `# How people log in. The id stands in the policies below and in /auth/callback/ID: keep it.
identity:
  - id: ${LOGIN_IDS[login.type]}
    type: ${login.type}
`
  switch (login.type) {
    case 'oidc':
      return `${head}${login.profile === 'generic' ? '' : `    profile: ${login.profile}\n`}    issuer: ${toYamlValue(login.issuer)}
    clientId: ${toYamlValue(login.clientId)}
${secret('    clientSecret', login.clientSecret, SECRET_FILES.oidc)}`
    case 'oauth2':
      return `${head}    authorizationUrl: ${toYamlValue(login.authorizationUrl)}
    tokenUrl: ${toYamlValue(login.tokenUrl)}
    userinfoUrl: ${toYamlValue(login.userinfoUrl)}
    clientId: ${toYamlValue(login.clientId)}
${secret('    clientSecret', login.clientSecret, SECRET_FILES.oauth2)}    # What to ask for, if who the person is needs asking for.
    # scopes: [read_user]
    # Where the answer of userinfoUrl says what: docs/guide/connect-oauth2.md
    claims:
      subject: ${toYamlValue(login.subject)}
      # username: login
      # groups: [teams, names]
`
    case 'local':
      return `${head}    # Make accounts with: gatehouse user add NAME --group GROUP\n`
    case 'facility':
      return `${head}    login: ${toYamlValue(login.login)}
    # Its answer must be "Login OK", as JSON; where it is another, write it here: docs/guide/connect-rest-login.md
    # success: Login OK
`
    case 'backend-ai':
      return `${head}    endpoint: ${toYamlValue(login.endpoint)}\n`
  }
}

export const toUpstreamsSection = (
  { path, to }: Service,
  allow: string,
  login: Login,
): string => `# The services behind the door. What none of them lets through is refused.
upstreams:
  - path: ${toYamlValue(path)}
    to: ${toYamlValue(to)}
    # How the service learns whose request it is${login.type === 'backend-ai' ? ': signed with the person’s keypair.' : ': a token that the gateway signs (/auth/jwks.json).'}
    sign: ${login.type === 'backend-ai' ? `{ type: backend-ai, credential: ${LOGIN_IDS[login.type]} }` : '{ type: identity-jwt }'}
    # Who may: authenticated is everybody who is logged in, group:NAME a group.
    allow:
      - ${toYamlValue(allow)}
`

export function toStorageSection(state: State): string {
  if (state.type === 'embedded') {
    return `# Sessions, users and the server's keys: one SQLite file and one key file in this folder.
storage:
  directory: gatehouse-data
`
  }
  const { redis, database } = state
  return `# Sessions in Redis, users and the audit log in the database: several nodes may share them.
storage:
  # The server's keys. Copy the file to every node.
  keyRing: ${KEY_RING_FILE}
  keyValue:
    type: redis
    url: ${toYamlValue(redis.url)}
${secret('    password', redis.password, SECRET_FILES.redisPassword)}  sql:
    type: ${kindOf(database)}
    url: ${toYamlValue(database.url)}
${secret('    password', database.password, SECRET_FILES.databasePassword)}`
}

/** Beside the configuration. */
export const KEY_RING_FILE = 'key-ring'

const SECRET_FILES = {
  oidc: 'oidc-client-secret',
  oauth2: 'oauth2-client-secret',
  redisPassword: 'redis-password',
  databasePassword: 'database-password',
} as const

/** The files beside the configuration that hold what was typed, by name. */
export function toSecretFiles({
  login,
  state,
}: Partial<Pick<Answers, 'login' | 'state'>>): ReadonlyMap<string, Secret> {
  const [redis, database] = state?.type === 'servers' ? [state.redis, state.database] : []
  const given = [
    [SECRET_FILES.oidc, login?.type === 'oidc' ? login.clientSecret : undefined],
    [SECRET_FILES.oauth2, login?.type === 'oauth2' ? login.clientSecret : undefined],
    [SECRET_FILES.redisPassword, redis?.password],
    [SECRET_FILES.databasePassword, database?.password],
  ] as const
  return new Map(given.flatMap(([name, value]) => (value && 'typed' in value ? [[name, value.typed] as const] : [])))
}

const secret = (key: string, given: GivenSecret | undefined, file: string): string =>
  given === undefined
    ? ''
    : `${key}:\n${key.replace(/\w+$/, '')}  file: ${toYamlValue('file' in given ? given.file : file)}\n`

const kindOf = ({ url }: Server): string => {
  const scheme = url.split(':', 1)[0] ?? ''
  return scheme === 'postgresql' ? 'postgres' : scheme
}
