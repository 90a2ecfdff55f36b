// What the gateway asks of etcd: what is under a prefix, and to be told when that is not so any more. Asks one member
// after the other until one answers, and says who it is where etcd wants to know.

import { z } from 'zod'
import type { Clock } from '#kernel'
import type { EtcdConfig } from './config.ts'
import { EtcdFailure, toFailure } from './failure.ts'
import { createTransport } from './transport.ts'

/** What was under a prefix at one moment. */
export interface Reading {
  readonly prefix: string
  /** Values by their whole keys, in the order of the keys. What is not UTF-8 has U+FFFD in it. */
  readonly entries: ReadonlyMap<string, string>
  readonly revision: bigint
  /** Who said so. */
  readonly endpoint: string
}

export interface EtcdClient {
  /** As most of the members agree now. @throws EtcdFailure if none could say */
  read(prefix: string): Promise<Reading>
  /** Resolves when something has changed since, or may have. @throws EtcdFailure if the member is not there any more */
  whenChanged(reading: Reading, signal: AbortSignal): Promise<void>
  /** Cuts what is open. */
  close(): void
}

export type ClientConfig = Pick<EtcdConfig, 'endpoints' | 'user' | 'password' | 'tls' | 'timeout'>

export function createEtcdClient(config: ClientConfig, clock: Clock): EtcdClient {
  const { endpoints, user: name, password } = config
  const transport = createTransport(config, clock)
  let preferred = 0
  let token: string | undefined

  /** @throws EtcdFailure */
  const logIn = async (endpoint: string): Promise<void> => {
    token = undefined
    if (name === undefined || password === undefined) return
    const body = { name, password: password.reveal() }
    try {
      const answer = await transport.call({ endpoint, path: '/v3/auth/authenticate', body, token })
      const said = tokenAnswer.safeParse(answer)
      if (!said.success) throw new EtcdFailure('refused', endpoint, 'its answer to the password is not that of etcd 3')
      token = said.data.token
    } catch (error) {
      // Where nobody is asked for a password, nobody needs a token.
      if (!(error instanceof EtcdFailure && error.message.endsWith('authentication is not enabled'))) throw error
    }
  }

  /** Tokens end, and members forget them when they start anew. */
  const asUser = async <T>(endpoint: string, work: () => Promise<T>): Promise<T> => {
    if (token === undefined) await logIn(endpoint)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof EtcdFailure) || error.kind !== 'token' || name === undefined) throw error
      await logIn(endpoint)
      return work()
    }
  }

  const readAt = async (endpoint: string, prefix: string): Promise<Reading> => {
    const answer = await transport.call({ endpoint, path: '/v3/kv/range', body: rangeOf(prefix), token })
    const read = rangeAnswer.safeParse(answer)
    if (!read.success) throw new EtcdFailure('refused', endpoint, 'its answer is not that of etcd 3')
    const { header, kvs } = read.data
    const entries = new Map(kvs.map(({ key, value }) => [toText(key), toText(value)]))
    return { prefix, entries, revision: header.revision, endpoint }
  }

  return Object.freeze({
    async read(prefix: string) {
      const failures: EtcdFailure[] = []
      for (let tries = 0; tries < endpoints.length; tries++) {
        const endpoint = endpoints[preferred] ?? ''
        try {
          return await asUser(endpoint, () => readAt(endpoint, prefix))
        } catch (error) {
          if (!(error instanceof EtcdFailure) || error.kind !== 'unavailable') throw error
          failures.push(error)
          preferred = (preferred + 1) % endpoints.length
        }
      }
      const [only, ...others] = failures
      throw only !== undefined && others.length === 0 ? only : failureOfAll(failures)
    },
    async whenChanged({ prefix, revision, endpoint }: Reading, signal: AbortSignal) {
      const body = { create_request: { ...rangeOf(prefix), start_revision: String(revision + 1n) } }
      const listening = new AbortController()
      const end = (): void => listening.abort()
      // A connection that has silently died says nothing for ever: now and then the question is put anew.
      const cancel = clock.after(LONGEST_WATCH_MS, end)
      signal.addEventListener('abort', end, { once: true })
      try {
        const says = (message: unknown): boolean => saysChange(message, endpoint)
        await asUser(endpoint, () =>
          transport.follow({ endpoint, path: '/v3/watch', body, token }, says, listening.signal),
        )
      } catch (error) {
        if (!listening.signal.aborted) throw error
      } finally {
        cancel()
        signal.removeEventListener('abort', end)
      }
    },
    close: transport.close,
  })
}

const LONGEST_WATCH_MS = 5000

const failureOfAll = (failures: readonly EtcdFailure[]): EtcdFailure =>
  new EtcdFailure('unavailable', 'any of its addresses', failures.map(({ message }) => message).join('; '))

/** It goes into a header. */
const tokenAnswer = z.object({ token: z.string().regex(/^[\x21-\x7e]+$/) })
/** Numbers of 64 bits are text in JSON; what has the default value is left out. */
const header = z.object({
  revision: z
    .string()
    .regex(/^[0-9]{1,19}$/)
    .transform(BigInt),
})
const rangeAnswer = z.object({
  header,
  kvs: z.array(z.object({ key: z.base64(), value: z.base64().default('') })).default([]),
})
const watchMessage = z.object({
  result: z.object({
    canceled: z.boolean().default(false),
    cancel_reason: z.string().default(''),
    compact_revision: z.string().optional(),
    events: z.array(z.unknown()).default([]),
  }),
})

/** @throws EtcdFailure where the watch has come to nothing */
function saysChange(message: unknown, endpoint: string): boolean {
  const said = watchMessage.safeParse(message)
  if (!said.success)
    throw toFailure(endpoint, undefined, `it broke off the watch: ${JSON.stringify(message).slice(0, 200)}`)
  const { canceled, cancel_reason, compact_revision, events } = said.data.result
  // What has been since is forgotten there. What is now can still be read.
  if (compact_revision !== undefined) return true
  if (canceled) throw toFailure(endpoint, undefined, cancel_reason || 'it cancelled the watch')
  return events.length > 0
}

/** All keys that begin so: up to, but not including, the first one that is behind all of them. */
function rangeOf(prefix: string) {
  const key = Buffer.from(prefix, 'utf8')
  const end = Buffer.from(key)
  // A prefix ends with a slash (`config.ts`), which another byte comes after.
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1)
  return { key: key.toString('base64'), range_end: end.toString('base64') }
}

const toText = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
