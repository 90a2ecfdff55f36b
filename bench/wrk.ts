// Load, from wrk in a process of its own.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'
import { findProgram, isMissing } from '../test/support/programs.ts'

export interface Load {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly headers?: Readonly<Record<string, string>>
  /** A file with one Cookie header a line, used in turn. */
  readonly cookieFile?: string
  /** Sent with each request, which then is a POST. */
  readonly bodyBytes?: number
  /** People log in at the webserver's address between the requests, which are those of whoever did last. */
  readonly logins?: Logins
}

export interface Logins {
  /** One hidden body a line, used in turn. */
  readonly file: string
  /** Requests from one login to the next; 0 for nothing but logins. */
  readonly every: number
}

export type LoadResult = z.output<typeof loadResult>

const loadResult = z.strictObject({
  requests: z.int(),
  bytes: z.int(),
  durationUs: z.int(),
  p50Us: z.int(),
  p99Us: z.int(),
  failures: z.int(),
  badStatus: z.int(),
})

/** @throws if any answer was not a success, because then something else than forwarding was measured. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  const { url, connections, seconds, headers = {}, cookieFile, bodyBytes, logins } = load
  const wrk = await findProgram({ names: ['wrk'], package: 'wrk' })
  if (isMissing(wrk)) throw new Error(wrk.missing)
  const header = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', SCRIPT, ...header, url]
  const script = [
    ...(cookieFile === undefined ? [] : [`cookies=${cookieFile}`]),
    ...(bodyBytes === undefined ? [] : [`body=${bodyBytes}`]),
    ...(logins === undefined ? [] : [`logins=${logins.file}`, `every=${logins.every}`]),
  ]
  const rest = script.length === 0 ? [] : ['--', ...script]
  const { stdout } = await promisify(execFile)(wrk.path, [...options, ...rest], { timeout: (seconds + 20) * 1000 })
  const result = loadResult.parse(JSON.parse(stdout.slice(stdout.lastIndexOf('{'))))
  if (result.badStatus > 0)
    throw new Error(`${url} answered ${result.badStatus} of ${result.requests} requests with an error`)
  return result
}

const SCRIPT = fileURLToPath(new URL('report.lua', import.meta.url))
