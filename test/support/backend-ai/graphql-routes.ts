// GraphQL over HTTP, and over server-sent events for a client that asks so. Results are of `graphql-result.ts`.

import type { AccountBook } from './accounts.ts'
import { badParameters, sendJson, sendProblem } from './answers.ts'
import { toText, type WritableEventHub } from './event-hub.ts'
import { graphqlResult } from './graphql-result.ts'
import { ownerOf } from './owner.ts'
import { type Access, type Exchange, type Route, readObject } from './route.ts'

export interface GraphqlDeps {
  readonly events: WritableEventHub
  readonly accounts: AccountBook
}

export const graphqlRoute = (path: RegExp, access: Access, { events, accounts }: GraphqlDeps): Route => ({
  name: 'graphql',
  methods: ['GET', 'POST'],
  path,
  access,
  async answer(exchange) {
    const { request, response } = exchange
    const query = await readQuery(exchange)
    if (query === undefined) return sendProblem(response, badParameters('There is no query.'))
    const result = graphqlResult(query, ownerOf(accounts, request))
    if (!request.all('accept').join().includes('text/event-stream')) return sendJson(response, 200, result)
    // A subscription stays open until the test ends the events.
    if (/^\s*subscription\b/.test(query)) return events.open(response, { event: 'next', data: result }, 'complete')
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    return void response.end(toText('next', result) + toText('complete', {}))
  },
})

async function readQuery(exchange: Exchange): Promise<string | undefined> {
  const query = exchange.request.method === 'GET' ? exchange.query.get('query') : (await readObject(exchange))?.query
  return typeof query === 'string' ? query : undefined
}
