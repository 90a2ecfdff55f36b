// `/server/…` of a webserver, with sessions in memory.

import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { sendJson } from '../../answers.ts'
import type { Manager } from '../../index.ts'

export interface Login {
  readonly access_key: string
  readonly role: string
  readonly status: string
}

type Sent = Readonly<Record<string, unknown>>

export interface FrontSessions {
  find(id: string): Login | undefined
  answer(path: string, sent: Sent, id: string, response: ServerResponse): Promise<void>
}

export function createSessions(manager: Manager, passesStatus: boolean): FrontSessions {
  const logins = new Map<string, Login>()

  const logIn = async (sent: Sent, response: ServerResponse): Promise<void> => {
    const { status, reply } = await ask(manager, '/auth/authorize', { type: 'keypair', domain: 'default', ...sent })
    const login = toLogin(reply)
    if (login === undefined) {
      return sendJson(response, passesStatus ? status : 200, { authenticated: false, data: toFailure(reply) })
    }
    const id = randomBytes(16).toString('hex')
    logins.set(id, login)
    response.setHeader('X-BackendAI-SessionID', id)
    response.setHeader('Set-Cookie', `AIOHTTP_SESSION=${id}; Path=/; HttpOnly`)
    sendJson(response, 200, { authenticated: true, data: login })
  }

  return Object.freeze({
    find: (id: string) => logins.get(id),
    async answer(path: string, sent: Sent, id: string, response: ServerResponse) {
      const login = logins.get(id)
      switch (path) {
        case '/server/login-check':
          return sendJson(response, 200, { authenticated: login !== undefined, data: login ?? null, session_id: id })
        case '/server/extend-login-session':
          return sendJson(response, 200, { status: 201, expires: '2026-11-28T07:46:07+00:00' })
        case '/server/logout':
          logins.delete(id)
          return sendJson(response, 200, {})
        case '/server/update-password-no-auth':
          return sendJson(
            response,
            200,
            (await ask(manager, '/auth/update-password-no-auth', { domain: 'default', ...sent })).reply,
          )
        case '/server/login':
          if (sent.username === '') return sendJson(response, 400, { title: 'You must provide the username field.' })
      }
      return logIn(sent, response)
    },
  })
}

interface Reply {
  readonly data?: Login & { readonly response_type: string; readonly token?: string }
  readonly type?: string
  readonly title?: string
  readonly msg?: string
}

async function ask({ url }: Manager, path: string, sent: object): Promise<{ status: number; reply: Reply }> {
  const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(sent) })
  return { status: answer.status, reply: (await answer.json()) as Reply }
}

function toLogin({ data }: Reply): Login | undefined {
  if (data?.response_type !== 'success') return undefined
  const { access_key, role, status } = data
  return { access_key, role, status }
}

function toFailure({ data, type, title, msg }: Reply): object {
  switch (data?.response_type) {
    case undefined:
      return { type, title, details: msg }
    case 'REQUIRE_TWO_FACTOR_AUTH':
      return {
        type: 'https://api.backend.ai/probs/require-totp-authentication',
        details: 'You must authenticate using Two-Factor Authentication.',
      }
    default:
      return {
        type: 'https://api.backend.ai/probs/require-totp-registration',
        details: 'You must register Two-Factor Authentication.',
        two_factor_registration_token: data?.token,
      }
  }
}
