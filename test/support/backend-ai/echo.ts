// Shows back what reached the stand-in, and whose it is.

import { sendJson } from './answers.ts'
import { accessKeyOf } from './owner.ts'
import type { ReceivedRequest } from './received-request.ts'
import type { Access, Exchange, Route } from './route.ts'

/** The answer of every route that has no other. */
export interface Echo {
  readonly method: string
  readonly target: string
  readonly headers: ReceivedRequest['headers']
  readonly body: { readonly bytes: number; readonly sha256: string }
  readonly verified: boolean
  /** Whom the Manager takes the request for. */
  readonly accessKey?: string
  /** The parts of a form, if the body is one. */
  readonly parts?: readonly EchoedPart[]
}

export interface EchoedPart {
  readonly name: string
  readonly fileName?: string
  readonly bytes: number
}

export const echoRoute = (path: RegExp, access: Access): Route => ({
  name: 'echo',
  methods: ['HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE'],
  path,
  access,
  answer: showBack,
})

async function showBack({ request, response }: Exchange): Promise<void> {
  const { method, target, headers, verified, body } = request
  const accessKey = accessKeyOf(request)
  const parts = await readParts(request)
  const echo: Echo = {
    method,
    target,
    headers,
    verified,
    body: { bytes: body.bytes, sha256: body.sha256 },
    ...(accessKey !== undefined && { accessKey }),
    ...(parts !== undefined && { parts }),
  }
  sendJson(response, 200, echo)
}

/** @throws if a form cannot be read, as when its boundary was lost on the way */
async function readParts({ all, body }: ReceivedRequest): Promise<readonly EchoedPart[] | undefined> {
  const contentType = all('content-type')[0] ?? ''
  if (!/^multipart\/form-data\b/i.test(contentType) || body.content.length < body.bytes) return undefined
  // Its own copy: the record's memory is not the form's.
  const form = await new Response(new Uint8Array(body.content), { headers: { 'content-type': contentType } }).formData()
  return [...form].map(([name, value]) =>
    typeof value === 'string'
      ? { name, bytes: Buffer.byteLength(value) }
      : { name, fileName: value.name, bytes: value.size },
  )
}
