// One request by Node's own client, for what `http-client.ts` hides: unix sockets, certificates, connections that are kept.

import { type IncomingHttpHeaders, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps, type RequestOptions as TlsRequestOptions } from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** @example await ask({ socketPath, path: '/healthz' }) */
export function ask(options: (RequestOptions | TlsRequestOptions) & { readonly body?: string }): Promise<Answer> {
  const request = 'ca' in options ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request({ agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() })
      })
    })
    sent.once('error', reject)
    sent.end(options.body)
  })
}

/** What to add for a form that a page of that origin sends. */
export const asForm = (origin: string, form: Readonly<Record<string, string>>) => ({
  method: 'POST',
  body: new URLSearchParams(form).toString(),
  headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
})

/** As a Cookie header: what an answer has set. */
export const cookiesOf = ({ headers }: Answer): string =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
