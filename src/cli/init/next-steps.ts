// What is left to do once the configuration is written: what to register at the provider, and the next command.

import { providerProfiles } from '../probe/provider-profiles.ts'
import { type Registration, toRegistration } from '../probe/registration.ts'
import type { Answers } from './answers.ts'
import { LOGIN_IDS } from './config-text.ts'

export interface NextSteps {
  readonly register?: Pick<Registration, 'redirectUris'> & Partial<Registration>
  /** What else is to be done at the provider. */
  readonly toDoThere?: readonly string[]
  readonly commands: readonly string[]
}

export function toNextSteps({ url, login, allow }: Answers, file: string): NextSteps {
  const config = ` --config ${file}`
  const group = allow.startsWith('group:') ? ` --group ${allow.slice('group:'.length)}` : ''
  return {
    ...(login.type === 'oidc' && {
      register: toRegistration(url, LOGIN_IDS.oidc),
      toDoThere: providerProfiles[login.profile].toDo,
    }),
    ...(login.type === 'oauth2' && { register: { redirectUris: toRegistration(url, LOGIN_IDS.oauth2).redirectUris } }),
    commands: [
      ...(login.type === 'local' ? [`gatehouse user add NAME${group}${config}`] : []),
      `gatehouse serve${config}`,
      `gatehouse doctor${config}`,
    ],
  }
}

export function describeNextSteps({ register, toDoThere = [], commands }: NextSteps): string {
  const toRegister = register && [
    'Register at the provider:',
    ...register.redirectUris.map((uri) => `  redirect URI              ${uri}`),
    ...(register.postLogoutRedirectUris ?? []).map((uri) => `  post-logout redirect URI  ${uri}`),
    ...(register.backchannelLogoutUri === undefined
      ? []
      : [`  back-channel logout URI   ${register.backchannelLogoutUri}`]),
    ...toDoThere.map((what) => `  ${what}`),
    '',
  ]
  return [...(toRegister ?? []), 'Next:', ...commands.map((command) => `  $ ${command}`)].join('\n')
}
