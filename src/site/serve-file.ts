// Writes a file of a site as the answer: validators, conditions, a range, headers, the body with back-pressure.

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { type RequestContext, serializeCookie } from '#http'
import { type ByteRange, parseRange } from './byte-range.ts'
import type { EntityTags } from './entity-tags.ts'
import { siteErrors } from './errors.ts'
import type { FoundFile } from './find-file.ts'
import { mediaTypeOf } from './media-type.ts'
import { checkPreconditions, mayServeRange, type Validators } from './preconditions.ts'

/** Headers of an answer; undefined for one that is not sent. */
export type FileHeaders = Readonly<Record<string, string | undefined>>

export interface ServeFileOptions {
  readonly tagOf: EntityTags
  /** Cache-Control among them. */
  readonly headers: FileHeaders
  /** How long the client may take nothing of the file. */
  readonly idleMs: number
}

/** @throws site.preconditionFailed, site.rangeUnsatisfiable, before anything is written. */
export async function serveFile(
  ctx: RequestContext,
  response: ServerResponse,
  file: FoundFile,
  { tagOf, headers, idleMs }: ServeFileOptions,
): Promise<void> {
  const validators: Validators = { etag: await tagOf(file), modifiedAt: file.modifiedAt }
  const condition = checkPreconditions(ctx.request.headers, validators)
  if (condition === 412) throw siteErrors.preconditionFailed({})
  const range = condition === 'proceed' ? rangeOf(ctx, file, validators) : undefined
  if (range === 'unsatisfiable') throw siteErrors.rangeUnsatisfiable({ sizeBytes: file.sizeBytes })

  writeHeaders(ctx, response, { ...headers, ...describe(file, validators) })
  response.appendHeader('vary', 'Accept-Encoding')
  if (condition === 304) {
    response.statusCode = 304
    response.end()
    return
  }
  const part = range ?? { start: 0, end: file.sizeBytes - 1 }
  if (range !== undefined) {
    response.statusCode = 206
    response.setHeader('content-range', `bytes ${part.start}-${part.end}/${file.sizeBytes}`)
  }
  response.setHeader('content-type', mediaTypeOf(file.name))
  response.setHeader('content-length', part.end - part.start + 1)
  if (ctx.method === 'HEAD' || file.sizeBytes === 0) response.end()
  else {
    // Who asks and then does not read must not keep the file and the connection for ever.
    response.setTimeout(idleMs, () => response.destroy())
    await send(ctx, response, file, part)
  }
}

/** Writes a page in which something is filled in for this request: a short text, which nobody keeps. */
export async function serveFilledIn(
  ctx: RequestContext,
  response: ServerResponse,
  file: FoundFile,
  { headers, fillIn }: { readonly headers: FileHeaders; readonly fillIn: (page: string) => string },
): Promise<void> {
  const body = Buffer.from(fillIn(await file.handle.readFile('utf8')))
  writeHeaders(ctx, response, { ...headers, 'content-type': mediaTypeOf(file.name) })
  response.setHeader('content-length', body.length)
  response.end(ctx.method === 'HEAD' ? undefined : body)
}

/** A Range counts for GET only (RFC 9110 §14.2). */
const rangeOf = (ctx: RequestContext, { sizeBytes }: FoundFile, validators: Validators) =>
  ctx.method === 'GET' && mayServeRange(ctx.request.headers['if-range']?.toString(), validators)
    ? parseRange(ctx.request.headers.range, sizeBytes)
    : undefined

/** What a 304 repeats (RFC 9110 §15.4.5) and every answer tells. */
const describe = (file: FoundFile, { etag, modifiedAt }: Validators): Readonly<Record<string, string>> => ({
  'accept-ranges': 'bytes',
  'last-modified': new Date(modifiedAt).toUTCString(),
  ...(etag !== undefined && { etag }),
  ...(file.coding !== undefined && { 'content-encoding': file.coding }),
})

function writeHeaders(ctx: RequestContext, response: ServerResponse, headers: FileHeaders): void {
  for (const [name, value] of ctx.responseHeaders) response.setHeader(name, value)
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
  if (ctx.responseCookies.length > 0) response.setHeader('set-cookie', ctx.responseCookies.map(serializeCookie))
}

async function send(ctx: RequestContext, response: ServerResponse, file: FoundFile, part: ByteRange): Promise<void> {
  const lengthBytes = part.end - part.start + 1
  const content = file.handle.createReadStream({ start: part.start, end: part.end, highWaterMark: 256 * 1024 })
  // A file that shrinks meanwhile must break the message: a short one must not look complete.
  const complete = async function* (chunks: AsyncIterable<Buffer>) {
    let sentBytes = 0
    for await (const chunk of chunks) {
      sentBytes += chunk.length
      yield chunk
    }
    if (sentBytes < lengthBytes) throw new Error(`${file.name} became shorter while it was sent`)
  }
  try {
    await pipeline(content, complete, response)
  } catch (error) {
    // Somebody who leaves in the middle is no failure of ours.
    if (!ctx.aborted.aborted) throw error
  }
}
