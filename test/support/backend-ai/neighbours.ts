// The Manager's neighbours, which know the same people: the GraphQL router and the pipeline service.

import { sendJson } from './answers.ts'
import { echoRoute } from './echo.ts'
import { createEventHub, type EventHub } from './event-hub.ts'
import { graphqlRoute } from './graphql-routes.ts'
import type { Manager } from './manager.ts'
import { at, type Route } from './route.ts'
import { type StandIn, type StandInOptions, startStandIn } from './stand-in.ts'

export interface GraphqlRouter extends StandIn {
  readonly events: EventHub
}

/** Takes anybody, as the router of later versions does; what it makes of each request's proof is in its record. */
export async function startGraphqlRouter(manager: Manager, options: StandInOptions = {}): Promise<GraphqlRouter> {
  const { accounts, clock } = manager
  const events = createEventHub()
  const readiness: Route = {
    name: 'GET /readiness',
    methods: ['GET'],
    path: at('/readiness'),
    access: 'anyone',
    answer: ({ response }) => sendJson(response, 200, { status: 'UP' }),
  }
  const routes = [readiness, graphqlRoute(at('/{...}'), 'anyone', { events, accounts })]
  const socketRoutes = [{ path: at('/{...}'), access: 'anyone' }] as const
  const standIn = await startStandIn({ accounts, clock, routes, socketRoutes }, options)
  return Object.freeze({ ...standIn, events })
}

/** Takes anybody, but at its login only whoever signs. */
export function startPipeline({ accounts, clock }: Manager, options: StandInOptions = {}): Promise<StandIn> {
  const routes = [{ ...echoRoute(at('/{...}login/'), 'proved'), methods: ['POST'] }, echoRoute(at('/{...}'), 'anyone')]
  const socketRoutes = [{ path: at('/stream/{...}'), access: 'anyone' }] as const
  return startStandIn({ accounts, clock, routes, socketRoutes }, options)
}
