// A request that may be broken off by whoever asks, somewhere on the way: before it is sent, while its body is, within the
// answer.

import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request as sendRequest } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export type Ending =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'broken off' }
  /** By the other side. */
  | { readonly kind: 'cut'; readonly error: Error }

export interface BreakableRequest extends RequestOptions {
  readonly body?: Buffer | undefined
  readonly breaksOff: boolean
}

export function askBreakably({ body, breaksOff, ...options }: BreakableRequest): Promise<Ending> {
  return new Promise((resolve) => {
    const request = sendRequest(options)
    const breakOff = (): void => {
      request.destroy()
      resolve({ kind: 'broken off' })
    }
    const fail = (error: Error): void => resolve(breaksOff ? { kind: 'broken off' } : { kind: 'cut', error })
    request.on('error', fail)
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('error', fail)
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (breaksOff && Math.random() < 0.5) breakOff()
      })
      response.on('end', () => {
        if (!response.complete) return fail(new Error('the answer ended before its end'))
        const { statusCode: status = 0, headers } = response
        resolve({ kind: 'answered', reply: { status, headers, text: Buffer.concat(chunks).toString() } })
      })
    })
    request.end(body)
    if (breaksOff && Math.random() < 0.5) setTimeout(breakOff, Math.random() * 20).unref()
  })
}
