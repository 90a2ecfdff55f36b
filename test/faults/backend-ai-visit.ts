// Somebody of `backend-ai-crossing` logs in once more, asks, and leaves, while everybody else goes on asking.

import assert from 'node:assert/strict'
import { type Asker, type Askers, headersOf, othersIn, proofOf, SESSION_NAME } from './backend-ai-askers.ts'
import type { BreakableRequest, Ending, Reply } from './breakable-request.ts'

export type Send = (
  request: Pick<BreakableRequest, 'method' | 'path' | 'headers' | 'body' | 'breaksOff'>,
) => Promise<Ending>

export interface VisitDeps {
  readonly send: Send
  readonly askers: Askers
  /** Of the gateway. */
  readonly url: string
}

/** @returns how many requests it took, fewer where somebody lost patience; and what is not theirs */
export async function visit(
  person: Asker,
  deps: VisitDeps,
): Promise<{ readonly asked: number; readonly fault?: string }> {
  let asked = 0
  const send: Send = (request) => {
    asked += 1
    return deps.send(request)
  }
  try {
    await comeAndLeave(person, { ...deps, send })
    return { asked }
  } catch (error) {
    return { asked, fault: String(error) }
  }
}

/** @throws what is not theirs */
async function comeAndLeave(person: Asker, { send, askers, url }: VisitDeps): Promise<void> {
  const own = { origin: url, 'content-type': 'application/json' }
  const ask = async (method: string, path: string, headers: Readonly<Record<string, string>>, body?: object) => {
    const sent = body && Buffer.from(JSON.stringify(body))
    const ending = await send({ method, path, headers: { ...own, ...headers }, body: sent, breaksOff: false })
    assert.ok(ending.kind === 'answered', `${path}: ${ending.kind === 'cut' ? ending.error.message : ending.kind}`)
    const { reply } = ending
    assert.deepEqual(othersIn(JSON.stringify(reply.headers) + reply.text, person), [], `${path} of ${person.name}`)
    return reply
  }
  const login = { method: 'POST', path: '/server/login', headers: { ...own, cookie: `mine=${person.name}` } }
  const body = Buffer.from(JSON.stringify(person.login))
  const ending = await send({ ...login, body, breaksOff: Math.random() < 0.1 })
  if (ending.kind !== 'answered') return
  const name = sessionOf(ending.reply, person, askers)
  const asker: Asker = { ...person, session: proofOf(name, Math.random() < 0.5) }
  const check = JSON.parse((await ask('POST', '/server/login-check', headersOf(asker), {})).text)
  assert.deepEqual([check.data.access_key, check.session_id], [person.accessKey, name])
  const folders = (): Promise<Reply> => ask('GET', `/func/folders?by=${person.name}`, headersOf(asker))
  assert.equal(JSON.parse((await folders()).text).accessKey, person.accessKey)
  assert.equal((await ask('POST', '/server/logout', headersOf(asker), {})).status, 200)
  assert.equal((await folders()).status, 401, `${person.name} has left`)
}

/** @throws unless it is new, and told in the header as in the cookie */
function sessionOf({ status, headers, text }: Reply, person: Asker, { sessions }: Askers): string {
  assert.equal(status, 200, `${person.name} logs in: ${text}`)
  assert.deepEqual(othersIn(JSON.stringify(headers) + text, person), [])
  assert.equal(JSON.parse(text).data.access_key, person.accessKey)
  const name = String(headers['x-backendai-sessionid'])
  assert.match(name, SESSION_NAME)
  const cookies = (headers['set-cookie'] ?? []).filter((line) => line.startsWith('AIOHTTP_SESSION='))
  assert.deepEqual(
    cookies.map((line) => line.split(/[=;]/)[1]),
    [name],
  )
  const owner = sessions.get(name)
  assert.equal(owner, undefined, `${person.name} was given the session of ${owner}`)
  sessions.set(name, person.name)
  return name
}
