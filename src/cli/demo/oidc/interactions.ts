// The login form of the demo's OpenID provider: `GET` and `POST /interaction/<uid>` with `username` and `password`.
// A plain HTTP client can fill it in, a browser needs no script.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Secret } from '#kernel'
import { renderPage, sendPage } from './page.ts'

type FindAccount = (username: string) => { readonly username: string; readonly password: Secret } | undefined

/** Asks for name and password, and tells the provider who it is. */
export function createInteractions(provider: Provider, findAccount: FindAccount) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const details = await provider.interactionDetails(request, response).catch(() => undefined)
    if (details === undefined) {
      const message =
        'This login has ended or was begun in another browser. Go back to where you came from and try again.'
      return sendPage(response, 400, renderPage('message', 'This login has ended', { message }))
    }
    const { login_hint: asked } = details.params
    const hint = typeof asked === 'string' ? asked : ''
    if (request.method !== 'POST')
      return sendPage(response, 200, renderPage('login', 'Log in', { hint, failed: false }))
    const form = await readForm(request)
    const account = findAccount(form.get('username') ?? '')
    if (account === undefined || !isEqual(account.password.reveal(), form.get('password') ?? '')) {
      return sendPage(response, 401, renderPage('login', 'Log in', { hint, failed: true }))
    }
    await provider.interactionFinished(request, response, { login: { accountId: account.username } })
  }
}

const MAX_FORM_BYTES = 16_384

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_FORM_BYTES) throw new Error('the form is too large')
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const isEqual = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
