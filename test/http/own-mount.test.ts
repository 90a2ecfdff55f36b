// A mount of our own below a reserved prefix, where proxies in front ask about other requests.

import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { test } from 'node:test'
import type { Mount } from '#http'
import { ask as askOnce } from '../gateway/ask.ts'
import { startEdge } from '../support/start-edge.ts'

const question: Mount = {
  id: 'question',
  prefix: '/auth/question/',
  routeClass: 'verify',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async (ctx, response) => void response.end(`${ctx.routeClass} ${ctx.isUpgrade} ${ctx.target.raw}`),
}
const around: Mount = { ...question, id: 'around', prefix: '/', routeClass: 'proxied' }

test('a mount of our own answers with and without its last slash; what stands around it does not', async () => {
  await using edge = await startEdge({ mounts: [around, question] })
  const ask = async (path: string) => {
    const answer = await fetch(edge.url + path)
    return [answer.status, answer.status === 200 ? await answer.text() : ''] as const
  }
  for (const path of ['/auth/question', '/auth/question?x=1', '/auth/question/', '/auth/question//a?b']) {
    assert.deepEqual(await ask(path), [200, `verify false ${path}`])
  }
  for (const path of ['/auth/questions', '/auth/Question', '/auth', '/auth/', '/AUTH/question']) {
    const [status, text] = await ask(path)
    if (status === 200) assert.match(text, /^proxied /, path)
    else assert.equal(status, 404, path)
  }
})

test('a handshake that is only asked about is answered as a plain request, and the connection goes on', async () => {
  await using edge = await startEdge({ mounts: [question], url: 'http://127.0.0.1:9/x' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (path: string) =>
    askOnce({ agent, port: edge.port, path, headers: { ...HANDSHAKE, host: '127.0.0.1:9' } })
  for (const path of ['/auth/question', '/auth/question/a', '/x/auth/question?b', '/x/auth/question/c']) {
    const { status, text } = await ask(path)
    assert.deepEqual([status, text], [200, `verify false ${path.replace('/x/', '/')}`])
  }
  assert.equal((await ask('/auth/other')).status, 404, 'any other handshake is one')
  agent.destroy()
})

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}
