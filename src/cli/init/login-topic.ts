// The question how people log in: by options of the command line, and at a terminal.

import { detectProfile } from '../probe/provider-profiles.ts'
import type { Login } from './answers.ts'
import { askSecret, fileSecret, type InitFlags, need } from './flags.ts'
import type { Prompts } from './prompts.ts'

export const loginTopic = {
  name: 'How people log in',
  lacks: (flags: InitFlags) => need({ login: '--login', ...LOGIN_NEEDS[flags.login ?? 'local'] })(flags),
  read: readLogin,
  ask: askLogin,
}

const LOGIN_NEEDS = {
  local: {},
  oidc: { issuer: '--issuer', clientId: '--client-id' },
  oauth2: {
    authorizationUrl: '--authorization-url',
    tokenUrl: '--token-url',
    userinfoUrl: '--userinfo-url',
    clientId: '--client-id',
    subject: '--subject',
  },
  facility: { endpoint: '--endpoint' },
  'backend-ai': { endpoint: '--endpoint' },
} as const

function readLogin({ login = 'local', endpoint = '', clientSecretFile, ...flags }: InitFlags): Login {
  const { clientId = '' } = flags
  const clientSecret = fileSecret('clientSecret', clientSecretFile)
  switch (login) {
    case 'local':
      return { type: login }
    case 'facility':
      return { type: login, login: endpoint }
    case 'backend-ai':
      return { type: login, endpoint }
    case 'oidc': {
      const { profile = 'generic', issuer = '' } = flags
      return { type: login, profile, issuer, clientId, ...clientSecret }
    }
    case 'oauth2': {
      const { authorizationUrl = '', tokenUrl = '', userinfoUrl = '', subject = '' } = flags
      return { type: login, authorizationUrl, tokenUrl, userinfoUrl, clientId, ...clientSecret, subject }
    }
  }
}

async function askLogin(prompts: Prompts, flags: InitFlags): Promise<Login> {
  const type =
    flags.login ??
    (await prompts.choose('How do people log in?', {
      oidc: 'At an OpenID provider (Keycloak, GitLab, Entra ID …)',
      oauth2: 'At a provider that speaks OAuth 2.0 alone (GitHub …)',
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
      const client = await askClient(prompts, flags)
      const profile = flags.profile ?? (await detectProfile(issuer))
      return { type, profile, issuer, ...client }
    }
    case 'oauth2': {
      const askAddress = (question: string, example: string, given?: string) =>
        given ?? prompts.text(question, { example: `https://login.example.org/${example}` })
      return {
        type,
        authorizationUrl: await askAddress('Where does it begin a login?', 'oauth/authorize', flags.authorizationUrl),
        tokenUrl: await askAddress('Where does it hand out tokens?', 'oauth/token', flags.tokenUrl),
        userinfoUrl: await askAddress('Where does it say whose a token is?', 'api/user', flags.userinfoUrl),
        ...(await askClient(prompts, flags)),
        subject:
          flags.subject ??
          (await prompts.text('Which field of that answer names a person for ever?', { initial: 'id' })),
      }
    }
  }
}

async function askClient(prompts: Prompts, flags: InitFlags) {
  const clientId =
    flags.clientId ?? (await prompts.text('Under which client id does it know the gateway?', { initial: 'gatehouse' }))
  const question = 'And the client secret? (it is not shown; empty for a public client)'
  const clientSecret = await askSecret(prompts, question, flags.clientSecretFile)
  return { clientId, ...(clientSecret && { clientSecret }) }
}
