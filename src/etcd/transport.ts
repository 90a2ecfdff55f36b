// One call, or one stream, at one member of etcd: JSON over HTTP, as its gateway speaks it
// (https://etcd.io/docs/latest/dev-guide/api_grpc_gateway). Bounded in time and size; a connection serves many calls.

import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as requestHttps, Agent as TlsAgent } from 'node:https'
import { z } from 'zod'
import { type Clock, nodeHttp } from '#kernel'
import type { EtcdConfig } from './config.ts'
import { EtcdFailure, toFailure } from './failure.ts'

export interface Call {
  /** The address of the member. */
  readonly endpoint: string
  /** `/v3/kv/range` */
  readonly path: string
  readonly body: object
  readonly token: string | undefined
}

export interface Transport {
  /** The answer, parsed. @throws EtcdFailure */
  call(call: Call): Promise<unknown>
  /**
   * Each message of a stream, parsed, until the listener says that it has heard enough, or the signal that nobody listens.
   * @throws EtcdFailure also if the stream ends before that
   */
  follow(call: Call, isEnough: (message: unknown) => boolean, signal: AbortSignal): Promise<void>
  /** Cuts what is open. */
  close(): void
}

export function createTransport({ tls, timeout }: Pick<EtcdConfig, 'tls' | 'timeout'>, clock: Clock): Transport {
  const plainAgent = new nodeHttp.Agent({ keepAlive: true })
  const tlsAgent = new TlsAgent({
    keepAlive: true,
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key.reveal() }),
    rejectUnauthorized: tls?.dangerouslyAcceptAnyCertificate !== true,
  })

  const open = ({ endpoint, path, token }: Call): ClientRequest => {
    const url = new URL(path, endpoint)
    const headers = {
      'content-type': 'application/json',
      // A member that is cut off from the others says so instead of keeping silent (etcd's WithRequireLeader).
      'grpc-metadata-hasleader': 'true',
      ...(token !== undefined && { authorization: token }),
    }
    return url.protocol === 'https:'
      ? requestHttps(url, { method: 'POST', headers, agent: tlsAgent })
      : nodeHttp.request(url, { method: 'POST', headers, agent: plainAgent })
  }

  /** @throws EtcdFailure if the answer does not begin in time, or is none */
  const send = async (call: Call, signal?: AbortSignal): Promise<IncomingMessage> => {
    const request = open(call)
    const begun = Promise.withResolvers<IncomingMessage>()
    const cancel = clock.after(timeout, () => request.destroy(new Error(`no answer within ${timeout} ms`)))
    const onAbort = (): void => void request.destroy(new Error('nobody listens any more'))
    if (signal?.aborted === true) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    request.on('error', (error) => begun.reject(new EtcdFailure('unavailable', call.endpoint, wordsOf(error))))
    request.once('response', begun.resolve)
    request.once('close', () => signal?.removeEventListener('abort', onAbort))
    request.end(JSON.stringify(call.body))
    return begun.promise.finally(cancel)
  }

  return Object.freeze({
    async call(call: Call) {
      const answer = await send(call)
      const cancel = clock.after(timeout, () => answer.destroy(new Error(`no whole answer within ${timeout} ms`)))
      const text = await readAll(answer, call.endpoint).finally(cancel)
      if (answer.statusCode !== 200) throw refusal(answer, call, text)
      return parse(text, call)
    },
    async follow(call: Call, isEnough: (message: unknown) => boolean, signal: AbortSignal) {
      const answer = await send(call, signal)
      if (answer.statusCode !== 200) throw refusal(answer, call, await readAll(answer, call.endpoint))
      try {
        for await (const line of linesOf(answer, call.endpoint)) if (isEnough(parse(line, call))) return
      } catch (error) {
        throw error instanceof EtcdFailure ? error : new EtcdFailure('unavailable', call.endpoint, wordsOf(error))
      } finally {
        answer.destroy()
      }
      throw new EtcdFailure('unavailable', call.endpoint, 'it ended the stream')
    },
    close() {
      plainAgent.destroy()
      tlsAgent.destroy()
    },
  })
}

/** More than any prefix that is meant for us should hold. */
const MAX_BYTES = 8 * 1024 * 1024

async function readAll(answer: IncomingMessage, endpoint: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_BYTES) throw new EtcdFailure('refused', endpoint, `its answer is longer than ${MAX_BYTES} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof EtcdFailure ? error : new EtcdFailure('unavailable', endpoint, wordsOf(error))
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function* linesOf(answer: IncomingMessage, endpoint: string): AsyncGenerator<string> {
  let begun: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]).toString('utf8')
      begun = []
      bytes = 0
      start = end + 1
    }
    begun.push(chunk.subarray(start))
    bytes += chunk.length - start
    if (bytes > MAX_BYTES) throw new EtcdFailure('refused', endpoint, `a message is longer than ${MAX_BYTES} bytes`)
  }
}

function parse(text: string, { endpoint, path }: Call): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new EtcdFailure(
      'refused',
      endpoint,
      `what it answers to ${path} is not JSON: is this the client port of etcd?`,
    )
  }
}

const refusalAnswer = z.object({ message: z.string(), code: z.number() })

function refusal({ statusCode = 0 }: IncomingMessage, call: Call, text: string): EtcdFailure {
  const told = refusalAnswer.safeParse(text.startsWith('{') ? parse(text, call) : undefined)
  if (told.success) return toFailure(call.endpoint, told.data.code, told.data.message)
  const reason =
    statusCode === 404
      ? `it does not know ${call.path}: etcd 3.4 or later is needed, with its JSON gateway (--enable-grpc-gateway) on`
      : `it answers ${statusCode}`
  return new EtcdFailure(statusCode >= 500 ? 'unavailable' : 'refused', call.endpoint, reason)
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message === 'aborted') return 'the connection was cut'
  // Of several addresses each has failed for itself, and the whole has no message.
  return error.message !== '' ? error.message : 'code' in error ? String(error.code) : error.name
}
