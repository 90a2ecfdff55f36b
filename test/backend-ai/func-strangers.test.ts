// Requests of many people over the same connections: nobody's cookies, credentials or answers are anybody else's (§10).

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startBackendAiLab } from './backend-ai-lab.ts'
import type { LabClient } from './lab-client.ts'

const lab = await startBackendAiLab({ hasPipeline: true })
after(() => lab[Symbol.asyncDispose]())

const people = ['ada@example.org', 'grace@example.org', undefined]

test('interleaved requests carry the cookies and proofs of whoever asks, and nobody gets a cookie of another', async () => {
  const clients = await Promise.all(
    people.map(async (username): Promise<readonly [string, LabClient]> => {
      const client = username === undefined ? lab.stranger() : await lab.logIn(username)
      client.cookies.set('mine', username ?? 'nobody')
      return [username ?? 'nobody', client]
    }),
  )
  lab.manager.forgetRequests()
  // Whoever comes from here keeps what the Manager sets for that request.
  const paths = ['/func/', '/func/cloud/x', '/func/openid/x', '/pipeline/x', '/func/folders', '/func/test/cookies']
  const asking = Array.from({ length: 600 }, async (_, index) => {
    const [name, client] = clients[index % clients.length] ?? assert.fail()
    const path = paths[Math.floor(index / clients.length) % paths.length] ?? assert.fail()
    const from = `${path}?who=${name}&n=${index}`
    const answer = await client.ask(from)
    const isRefused = name === 'nobody' && (path === '/func/folders' || path === '/func/test/cookies')
    assert.equal(answer.status, isRefused ? 401 : 200, from)
    if (answer.status === 200 && path !== '/func/' && path !== '/func/test/cookies') {
      assert.match(answer.echo().target, new RegExp(`who=${name}&n=${index}$`))
    }
  })
  await Promise.all(asking)
  const seen = [...lab.manager.requests, ...lab.pipeline.requests]
  assert.ok(seen.length > 500)
  for (const { target, all, verification } of seen) {
    const name = new URLSearchParams(target.split('?')[1]).get('who')
    const cookies = all('cookie').join('; ')
    assert.match(cookies, new RegExp(`(^|; )mine=${name}(;|$)`), target)
    assert.doesNotMatch(cookies, /AIOHTTP_SESSION|gatehouse/)
    for (const other of people.map((each) => each ?? 'nobody').filter((each) => each !== name)) {
      assert.doesNotMatch(cookies, new RegExp(other), target)
    }
    const { hmac } = verification
    const isSigned = /^\/(?:folders|test)/.test(target)
    assert.equal(hmac?.isValid ?? false, isSigned, target)
    if (hmac?.isValid) assert.equal(hmac.accessKey, lab.manager.accounts.get(name ?? '').accessKey)
  }
  const [, stranger] = clients[2] ?? assert.fail()
  assert.deepEqual([...stranger.cookies.keys()], ['mine'])
})
