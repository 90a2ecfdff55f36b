// The step `loadSession`: whose session the request's cookie proves, if any. A stranger goes on as a stranger; whether
// that is enough is for later steps. A store that cannot say throws, so nobody known is taken for a stranger; only a
// route that does nothing but end the session goes on.

import type { RequestContext, Step } from '#http'
import { currentSessionPath } from './routes.ts'
import type { ActiveSession } from './session.ts'
import type { Sessions } from './sessions.ts'

export const createLoadSessionStep = (sessions: Sessions): Step => {
  const note = (ctx: RequestContext, session: ActiveSession | undefined): void => {
    if (session !== undefined && !isMereQuestion(ctx)) sessions.used(ctx)
  }
  const refuse = (ctx: RequestContext, error: unknown): void => {
    if (ctx.route?.endsSession !== true) throw error
    ctx.log.warn({ event: 'session_unread', err: error }, 'a session is ended that could not be read')
  }
  return (ctx) => {
    const loaded = sessions.load(ctx)
    if (!(loaded instanceof Promise)) return note(ctx, loaded)
    return loaded.then(
      (session) => note(ctx, session),
      (error: unknown) => refuse(ctx, error),
    )
  }
}

/** A page that asks how long its session has must not keep it alive by asking. */
const isMereQuestion = ({ method, route }: RequestContext): boolean =>
  method === 'GET' && route?.path === currentSessionPath
