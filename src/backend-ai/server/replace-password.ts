// `update-password-no-auth` (§1.7): whoever knows a password that has expired may set another one. A wrong one counts as a
// failed login: here it could be guessed as well.

import { type Answer, json } from '#http'
import type { Entry, Identities } from '#identity'
import type { BackendAiConfig } from '../config.ts'
import type { Profile } from '../profile.ts'
import type { BodyReader } from '../read-body.ts'
import { type ManagerAnswer, readJson, readProblem } from './authorization.ts'
import { webserverErrors } from './errors.ts'
import { type Fields, parseFields, requireText, requireUsername } from './fields.ts'
import { countsAsFailure, reasonOf, toFailureData } from './login-answers.ts'
import type { Handler } from './login-handlers.ts'
import type { Manager } from './manager.ts'

export interface ReplacePasswordDeps {
  readonly config: Pick<BackendAiConfig, 'login'>
  readonly profile: Pick<Profile, 'countedFailures'>
  readonly bodies: BodyReader
  readonly identity: Pick<Identities, 'enter'>
  readonly manager: Pick<Manager, 'replacePassword'>
}

type Found = Extract<Entry, { readonly kind: 'refused' | 'undecided' }> & { readonly answer: Answer }

export function createReplacePassword({ config, profile, bodies, identity, manager }: ReplacePasswordDeps): Handler {
  const judge = (answer: ManagerAnswer): Found => {
    const body = readJson(answer)
    const { status } = answer
    if (body === undefined || (status >= 300 && status < 400)) {
      throw webserverErrors.managerUnusable({}, { internal: { reason: `status ${status} to a change of password` } })
    }
    if (status < 300) return { kind: 'undecided', answer: json(body) }
    const refusal = { status, problem: readProblem(body) }
    const refused = json({ data: toFailureData(refusal.problem), password_changed_at: null })
    return countsAsFailure(refusal, profile)
      ? { kind: 'refused', reason: reasonOf(refusal), answer: refused }
      : { kind: 'undecided', answer: refused }
  }

  return async (ctx, response) => {
    const fields = parseFields(await bodies.read(ctx, response))
    const username = requireUsername(fields)
    requireText(fields, 'current_password', () => webserverErrors.currentPasswordMissing({}))
    requireText(fields, 'new_password', () => webserverErrors.newPasswordMissing({}))
    const told: Fields = new Map([...fields, ['username', username]])
    const check = async () => judge(await manager.replacePassword(ctx, told))
    return (await identity.enter(ctx, { provider: config.login.provider, username }, check)).answer
  }
}
