// `/server/` on the front door (§1.1, 2 to 7). What else is asked there is a page of the Web UI, where there is one.

import { httpErrors, type Mount, type RequestContext } from '#http'
import { createErrorAnswer } from '../problems.ts'
import type { Profile } from '../profile.ts'
import { PROGRAM_HEADER, readSessionName } from '../session-name.ts'
import type { Handler } from './login-handlers.ts'

export interface ServerMountDeps {
  readonly profile: Profile
  /** By path below the prefix. */
  readonly handlers: ReadonlyMap<string, Handler>
  /** Answers what is for none of them. */
  readonly webUi: Pick<Mount, 'serve'> | undefined
}

const PREFIX = '/server/'

export function createServerMount({ profile, handlers, webUi }: ServerMountDeps): Mount {
  /** @throws http.methodNotAllowed, http.notFound */
  const refuse = ({ method }: RequestContext, handler: Handler | undefined): never => {
    if (handler === undefined && webUi === undefined) throw httpErrors.notFound({})
    const methods = [
      ...(webUi === undefined ? [] : ['GET', 'HEAD']),
      'OPTIONS',
      ...(handler === undefined ? [] : ['POST']),
    ]
    throw httpErrors.methodNotAllowed({ method, allow: methods.join(',') })
  }

  return Object.freeze<Mount>({
    id: 'backend-ai-server',
    prefix: PREFIX,
    routeClass: 'proxied',
    authorize: () => OPEN,
    sessionName: readSessionName,
    programHeader: PROGRAM_HEADER,
    errorAnswer: createErrorAnswer(profile),
    async serve(ctx, response) {
      const handler = handlers.get(ctx.target.path.slice(PREFIX.length))
      if (handler !== undefined && ctx.method === 'POST') return handler(ctx, response)
      if (webUi !== undefined && (ctx.method === 'GET' || ctx.method === 'HEAD')) return webUi.serve(ctx, response)
      return refuse(ctx, handler)
    },
  })
}

const OPEN = Object.freeze({ allow: true, rule: 'anybody may log in' } as const)
