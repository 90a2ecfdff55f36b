// One HTTP request as `init` and `doctor` make it: to an address that an operator wrote down, within a fixed time, following
// nothing, reading no more than a document's worth, and telling what the TLS of the connection was like.

import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import { explainNetworkError } from './explain-network-error.ts'

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** For the whole exchange. */
  readonly timeoutMs?: number
  /** A unix socket instead of host and port of the URL. */
  readonly socketPath?: string | undefined
  /** More of the body is announced than is sent: the answer is to come before the rest. */
  readonly isUnfinished?: boolean
  /** Of an answer that may not end: what comes within this time after its head is enough. */
  readonly listenMs?: number
  readonly tls?: SecureContextOptions & { readonly servername?: string; readonly rejectUnauthorized?: boolean }
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Of an https connection: when the certificate of the server ends. */
  readonly certificateEnds?: Date
  /** When each piece of the body arrived, in milliseconds after the head. */
  readonly piecesAtMs: readonly number[]
}

export const PATIENCE_MS = 5_000
const MAX_BYTES = 1_048_576

/** @throws Error that says in words what kept an answer from coming */
export async function ask(url: string, question: Question = {}): Promise<Reply> {
  const { listenMs = 0, timeoutMs = PATIENCE_MS + listenMs } = question
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await send(new URL(url), question, signal)
    return await read(response, question)
  } catch (error) {
    if (signal.aborted) throw new Error(`no answer within ${timeoutMs / 1000} s`, { cause: error })
    throw new Error(explainNetworkError(error), { cause: error })
  }
}

function send(url: URL, question: Question, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, socketPath, tls } = question
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method,
    headers: { accept: '*/*', 'user-agent': 'gatehouse-doctor', ...headers },
    agent: false,
    signal,
    ...(socketPath !== undefined && { socketPath }),
    ...tls,
  })
  request.once('response', resolve).on('error', reject)
  // An answer 101 is one, too: what comes after it is not read.
  request.once('upgrade', (response, socket) => {
    socket.destroy()
    resolve(response)
  })
  if (question.isUnfinished === true) request.write('x')
  else request.end(body)
  return promise
}

async function read(response: IncomingMessage, { listenMs }: Question): Promise<Reply> {
  const { socket, statusCode = 0, headers } = response
  const certificateEnds = socket instanceof TLSSocket ? new Date(socket.getPeerCertificate().valid_to) : undefined
  const startedAtMs = performance.now()
  const pieces: Buffer[] = []
  const piecesAtMs: number[] = []
  let size = 0
  let isEnough = false
  const stopListening = (): void => {
    isEnough = true
    response.destroy()
  }
  const enough = listenMs === undefined ? undefined : setTimeout(stopListening, listenMs)
  try {
    if (statusCode !== 101) {
      for await (const piece of response as AsyncIterable<Buffer>) {
        size += piece.length
        if (size > MAX_BYTES) break
        pieces.push(piece)
        piecesAtMs.push(performance.now() - startedAtMs)
      }
    }
  } catch (error) {
    if (!isEnough) throw error
  } finally {
    clearTimeout(enough)
    response.destroy()
  }
  return {
    status: statusCode,
    headers,
    body: Buffer.concat(pieces).toString('utf8'),
    ...(certificateEnds !== undefined && { certificateEnds }),
    piecesAtMs,
  }
}
