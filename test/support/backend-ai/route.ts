// What a stand-in answers where.

import type { ServerResponse } from 'node:http'
import type { BodySink, ReceivedRequest } from './received-request.ts'

export interface Exchange {
  readonly request: ReceivedRequest
  readonly response: ServerResponse
  /** Raw, below the prefix of the stand-in, without the query. */
  readonly path: string
  readonly query: URLSearchParams
}

/** `proved`: only to somebody whose proof of identity holds, as the Manager judges it. */
export type Access = 'anyone' | 'proved'

export interface Route {
  /** As it is counted. */
  readonly name: string
  readonly methods: readonly string[]
  /** Tested on the raw path. */
  readonly path: RegExp
  readonly access: Access
  /** Called when the whole body has come. */
  answer(exchange: Exchange): void | Promise<void>
  /** Takes the body as it comes, if somebody must have it even when it is cut off. */
  readonly sink?: (exchange: Exchange) => BodySink
}

/** WebSockets that a stand-in takes. */
export interface SocketRoute {
  readonly path: RegExp
  readonly access: Access
}

/** A path that is written out. `{}` is any one segment, `{...}` the rest. */
export const at = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split(/(\{\}|\{\.\.\.\})/)
      .map((part) => (part === '{}' ? '[^/]+' : part === '{...}' ? '.*' : RegExp.escape(part)))
      .join('')}$`,
  )

/** The body as an object; undefined if it is no JSON, or another kind of value. */
export async function readObject({ request }: Exchange): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value: unknown = JSON.parse((await request.body.whole()).toString())
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
