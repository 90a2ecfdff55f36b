// The step `loadSession`: whose session the request's cookie proves, if any. A stranger goes on as a stranger; whether
// that is enough is for later steps. A store that cannot say throws, so nobody known is taken for a stranger.

import type { RequestContext, Step } from '#http'
import { currentSessionPath } from './routes.ts'
import type { ActiveSession } from './session.ts'
import type { Sessions } from './sessions.ts'

export const createLoadSessionStep = (sessions: Sessions): Step => {
  const note = (ctx: RequestContext, session: ActiveSession | undefined): void => {
    if (session !== undefined && !isMereQuestion(ctx)) sessions.used(ctx)
  }
  return (ctx) => {
    const loaded = sessions.load(ctx)
    return loaded instanceof Promise ? loaded.then((session) => note(ctx, session)) : note(ctx, loaded)
  }
}

/** A page that asks how long its session has must not keep it alive by asking. */
const isMereQuestion = ({ method, route }: RequestContext): boolean =>
  method === 'GET' && route?.path === currentSessionPath
