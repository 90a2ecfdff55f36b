// Calls of Gatehouse's API, checked against the types that are made from openapi.json. An error arrives as a `Problem`.

import createClient from 'openapi-fetch'
import type { paths } from './generated/openapi.ts'
import { Problem, toProblem } from './problem.ts'

export type Api = ReturnType<typeof createApi>

/** @param send in place of `fetch` */
export const createApi = (basePath: string, send: (request: Request) => Promise<Response>) =>
  createClient<paths>({ baseUrl: basePath, headers: { accept: 'application/json' }, fetch: send })

/** For a call that must be answered at once, as it is: `api.GET(path, AT_ONCE)`. */
export const AT_ONCE = { fetch: (request: Request): Promise<Response> => fetch(request) } as const

/**
 * What the call answered.
 *
 * @example const { sessions } = await answerOf(api.GET('/api/v1/sessions'))
 * @throws Problem
 */
export async function answerOf<Data>(
  call: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new Problem({ status: 0, cause })
  })
  if (!response.ok) throw toProblem(error, response.status)
  // 204 has no data, and then no type either.
  return data as Data
}
