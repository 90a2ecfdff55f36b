// Calls of Gatehouse's API, checked against the types that are made from openapi.json. An error arrives as a `Problem`.

import createClient from 'openapi-fetch'
import type { paths } from './generated/openapi.ts'
import { Problem, toProblem } from './problem.ts'

export type Api = ReturnType<typeof createApi>

interface ApiOptions {
  readonly basePath: string
  /** In place of `fetch`. */
  readonly send: (request: Request) => Promise<Response>
  /** Whose page this is, once that is known: the server refuses what it sends with anybody else's cookie. */
  readonly ownerId: () => string | undefined
}

export const createApi = ({ basePath, send, ownerId }: ApiOptions) =>
  createClient<paths>({
    baseUrl: basePath,
    headers: { accept: 'application/json' },
    fetch(request) {
      const id = ownerId()
      if (id !== undefined) request.headers.set('gatehouse-person', id)
      return send(request)
    },
  })

/** For a call that must be answered at once, as it is, whoever is logged in: `api.GET(path, AT_ONCE)`. */
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
