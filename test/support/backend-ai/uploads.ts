// Uploads that resume (tus 1.0.0): what has come of a cut-off request is kept, and the next one goes on from there.

import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { ReceivedRequest } from './received-request.ts'
import { at, type Exchange, type Route } from './route.ts'

export interface Upload {
  readonly token: string
  readonly length: number
  /** What has come so far. */
  readonly received: Buffer
}

export interface Uploads {
  /** Makes room for so many bytes. @returns the upload; its path is `/folders/_/tus/upload/TOKEN` */
  create(length: number): Upload
}

interface Growing extends Upload {
  readonly offset: number
  append(chunk: Buffer): void
}

function growUpload(length: number): Growing {
  const chunks: Buffer[] = []
  let offset = 0
  return Object.freeze({
    token: randomUUID(),
    length,
    get offset() {
      return offset
    },
    get received() {
      return Buffer.concat(chunks)
    },
    append(chunk: Buffer) {
      chunks.push(chunk)
      offset += chunk.length
    },
  })
}

export function createUploads(): { readonly uploads: Uploads; readonly route: Route } {
  const all = new Map<string, Growing>()
  const find = ({ path }: Exchange) => all.get(path.split('/').at(-1) ?? '')
  const uploads: Uploads = Object.freeze({
    create(length: number) {
      const upload = growUpload(length)
      all.set(upload.token, upload)
      return upload
    },
  })
  const faults = new WeakMap<ReceivedRequest, number>()
  const route: Route = {
    name: 'tus',
    methods: ['HEAD', 'PATCH', 'OPTIONS'],
    path: at('/folders/_/tus/upload/{...}'),
    access: 'anyone',
    sink(exchange) {
      const upload = find(exchange)
      const fault = findFault(exchange.request, upload)
      if (fault !== undefined) faults.set(exchange.request, fault)
      return fault === undefined && upload !== undefined ? upload.append : () => {}
    },
    answer(exchange) {
      const { request, response } = exchange
      const upload = find(exchange)
      if (request.method === 'OPTIONS') return describe(response)
      if (upload === undefined) return finish(response, 404)
      if (request.method === 'HEAD') return tell(response, upload)
      const fault = faults.get(request)
      if (fault === undefined) finish(response, 204, { 'Upload-Offset': upload.offset })
      else finish(response, fault, fault === 412 ? { 'Tus-Version': '1.0.0' } : {})
    },
  }
  return { uploads, route }
}

type Headers = Readonly<Record<string, string | number>>

function finish(response: ServerResponse, status: number, headers: Headers = {}): void {
  response.writeHead(status, { 'Tus-Resumable': '1.0.0', ...headers })
  response.end()
}

const describe = (response: ServerResponse) =>
  finish(response, 204, { 'Tus-Version': '1.0.0', 'Tus-Max-Size': 1024 ** 3 })

const tell = (response: ServerResponse, { offset, length }: Growing) =>
  finish(response, 200, { 'Upload-Offset': offset, 'Upload-Length': length, 'Cache-Control': 'no-store' })

/** @returns the status that says what is wrong with a PATCH: then nothing of it is taken */
function findFault(request: ReceivedRequest, upload: Growing | undefined): number | undefined {
  const first = (name: string) => request.all(name)[0]
  if (first('tus-resumable') !== '1.0.0') return 412
  if (first('content-type') !== 'application/offset+octet-stream') return 415
  if (upload === undefined || first('upload-offset') !== String(upload.offset)) return 409
  return upload.offset + Number(first('content-length') ?? 0) > upload.length ? 413 : undefined
}
