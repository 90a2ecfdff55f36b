// `POST /auth/authorize` of the Manager stand-in: a name and a password in, the person's keypair out.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import { sendJson } from '../received.ts'
import type { Keypairs } from './keypairs.ts'
import { sendProblem } from './problem.ts'

const authorizeBody = z.object({
  type: z.literal('keypair'),
  domain: z.literal('default'),
  username: z.string().min(1),
  password: z.string().min(1),
})

export async function answerAuthorize(
  keypairs: Keypairs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = authorizeBody.safeParse(await json(request).catch(() => undefined))
  if (!body.success) {
    sendProblem(response, {
      type: 'invalid-api-params',
      because: 'The body must have type, domain, username and password.',
    })
    return
  }
  const keypair = keypairs.findByPassword(body.data.username, body.data.password)
  if (keypair === undefined) {
    sendProblem(response, { type: 'auth-failed', because: 'User credential mismatch.' })
    return
  }
  const { accessKey, secretKey, role } = keypair
  const issued = { access_key: accessKey, secret_key: secretKey.reveal(), role, status: 'active', type: 'keypair' }
  sendJson(response, 200, { data: { response_type: 'success', ...issued } })
}
