// A service behind the gateway at the level of bytes: keeps every request exactly as it arrived, answers with whatever
// bytes the test wants, and misbehaves on demand. The same on https when given a certificate.

import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface RecordedRequest {
  readonly method: string
  /** As on the request line. */
  readonly target: string
  /** In order, as spelled on the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** What came after the head, as far as the framing says, still in its chunks. */
  readonly rawBody: string
  /** The content itself. */
  readonly body: string
  /** Which connection it came over, counted from 0. */
  readonly connection: number
  /** The values of a header, by lower-case name. */
  all(name: string): readonly string[]
}

/** Answers a request: with bytes, or by doing something to the socket. */
// biome-ignore lint/suspicious/noConfusingVoidType: a behaviour that returns nothing is a common case
export type Behaviour = (request: RecordedRequest, socket: Socket) => string | void | Promise<string | void>

export interface RecordingUpstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly requests: RecordedRequest[]
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
  /** How many connections have ever come. */
  readonly accepted: () => number
  /** Resolves with the request of that number, counted from 0. */
  request(index: number): Promise<RecordedRequest>
  /** Resolves when anything at all has come, be it a whole request or not. */
  whenBytes(): Promise<void>
  /** Resolves when no connection is open. */
  whenIdle(): Promise<void>
  close(): Promise<void>
}

export interface RecordingOptions {
  /** Whether a connection stays open on this side when the other has ended. */
  readonly allowHalfOpen?: boolean
  readonly tls?: TlsOptions
  /** Listens on a unix socket here, instead of on a port. */
  readonly socketPath?: string
  /** Called before anything is read, for connections that are to be treated badly. */
  readonly onConnection?: (socket: Socket, index: number) => void
}

export const ok = (body = 'ok', headers = ''): string =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Listens on a free port of 127.0.0.1. */
export async function startRecordingUpstream(
  behave: Behaviour = () => ok(),
  { allowHalfOpen = false, tls, socketPath, onConnection }: RecordingOptions = {},
): Promise<RecordingUpstream> {
  const requests: RecordedRequest[] = []
  const open = new Set<Socket>()
  let accepted = 0
  let receivedBytes = 0
  let changed = Promise.withResolvers<void>()
  const announce = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const until = async (isTrue: () => boolean) => {
    while (!isTrue()) await changed.promise
  }

  const onSocket = (socket: Socket) => {
    const connection = accepted++
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      open.delete(socket)
      announce()
    })
    onConnection?.(socket, connection)
    let received: Buffer = Buffer.alloc(0)
    let isBusy = false
    const next = async (): Promise<void> => {
      if (isBusy) return
      const message = takeRequest(received, connection)
      if (message === undefined) return
      isBusy = true
      received = received.subarray(message.length)
      requests.push(message.request)
      announce()
      const answer = await behave(message.request, socket)
      if (typeof answer === 'string') socket.write(answer, 'latin1')
      isBusy = false
      return next()
    }
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      receivedBytes += chunk.length
      announce()
      void next()
    })
  }

  const server: Server =
    tls === undefined ? createServer({ allowHalfOpen }, onSocket) : createTlsServer({ ...tls, allowHalfOpen }, onSocket)
  await new Promise<void>((resolve) =>
    socketPath === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(socketPath, resolve),
  )
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const close = async () => {
    for (const socket of open) socket.destroy()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }
  return {
    url:
      socketPath !== undefined ? `unix:${socketPath}` : `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    requests,
    open,
    accepted: () => accepted,
    async request(index) {
      await until(() => requests.length > index)
      return requests[index] as RecordedRequest
    },
    whenBytes: () => until(() => receivedBytes > 0),
    whenIdle: () => until(() => open.size === 0),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The first whole request in the bytes: strict where it counts, since the gateway is what is tested. */
function takeRequest(bytes: Buffer, connection: number): { request: RecordedRequest; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [line = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const [method = '', target = ''] = line.split(' ')
  const headers = lines.map((each) => {
    const colon = each.indexOf(':')
    return [each.slice(0, colon), each.slice(colon + 1).trim()] as const
  })
  const all = (name: string) => headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  const content = takeBody(bytes.subarray(headEnd + 4), all)
  if (content === undefined) return undefined
  const { rawBody, body } = content
  return {
    request: { method, target, headers, rawBody, body, connection, all },
    length: headEnd + 4 + rawBody.length,
  }
}

function takeBody(
  bytes: Buffer,
  all: (name: string) => readonly string[],
): { rawBody: string; body: string } | undefined {
  const text = bytes.toString('latin1')
  if (all('transfer-encoding').length > 0) {
    const chunked = /^(?:([0-9a-f]+)\r\n)/i
    let at = 0
    let body = ''
    for (;;) {
      const size = chunked.exec(text.slice(at))
      if (size === null) return undefined
      const length = Number.parseInt(size[1] as string, 16)
      at += size[0].length
      if (text.length < at + length + 2) return undefined
      body += text.slice(at, at + length)
      at += length + 2
      if (length === 0) return { rawBody: text.slice(0, at), body }
    }
  }
  const length = Number(all('content-length')[0] ?? 0)
  return text.length < length ? undefined : { rawBody: text.slice(0, length), body: text.slice(0, length) }
}
