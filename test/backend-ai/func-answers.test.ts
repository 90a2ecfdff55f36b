// Answers pass as they are: statuses, redirects, codings, repeated headers, events, and as many bytes as there are (§5.3).

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { after, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { startBackendAiLab } from './backend-ai-lab.ts'

const lab = await startBackendAiLab({ manager: { keepRequests: 10, keepBodyBytes: 1024 } })
after(() => lab[Symbol.asyncDispose]())
const ada = await lab.logIn()

for (const status of [200, 204, 207, 301, 302, 304, 400, 404, 409, 422, 429, 500, 503]) {
  test(`status ${status}`, async () => {
    const answer = await ada.ask(`/func/test/status/${status}`)
    assert.equal(answer.status, status)
    if (status >= 300 && status < 400) assert.equal(answer.headers.location, '/elsewhere?a=1')
    if (status < 400) return
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
    assert.equal(answer.json().msg, `asked for ${status}`)
  })
}

test('a redirect of a plugin leads where the plugin says: to the Web UI, with its token', async () => {
  const nobody = lab.stranger()
  for (const location of ['/?sToken=abc', 'https://login.test/x', `${lab.manager.url}/openid/next`]) {
    const off = lab.manager.disturb({ kind: 'answer', status: 302, headers: { Location: location } })
    const answer = await nobody.ask('/func/openid/login', { method: 'POST', body: 'redirect_to=x' })
    off()
    assert.deepEqual([answer.status, answer.headers.location], [302, location])
  }
})

test('a body in gzip is not touched', async () => {
  const answer = await ada.ask('/func/test/gzip')
  assert.equal(answer.headers['content-encoding'], 'gzip')
  assert.deepEqual(answer.bytes, gzipSync('zipped'))
})

test('headers that stand twice come twice', async () => {
  const { headers } = await lab.stranger().ask('/func/cloud/x')
  assert.equal(headers['set-cookie'], undefined)
  const answer = await (await lab.logIn()).ask('/func/test/cookies')
  assert.deepEqual(answer.headers['set-cookie'], ['a=1; Path=/', 'b=2; Path=/'])
  assert.equal(answer.headers['x-twice'], '1, 2')
})

test("the Manager's limits are told, its rules for other origins are not", async () => {
  const { headers } = await ada.ask('/func/test/rate-limit')
  assert.equal(headers['x-ratelimit-remaining'], '999')
  assert.equal((await ada.ask('/func/test/cors')).headers['access-control-allow-origin'], undefined)
})

/** Begins a request of ada's, whose answer is read as it comes. */
function begin(target: string, options: { readonly method?: string } = {}) {
  const url = new URL(lab.gateway.url)
  const { hostname, port } = url
  const sent = request({ hostname, port, path: target, agent: false, headers: ada.headers, ...options })
  return sent
}

test('the first event is there before the last', async () => {
  const sent = begin('/func/events/background-task?task_id=7').end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.setEncoding('utf8')
  const chunks = answer[Symbol.asyncIterator]()
  const next = async (): Promise<string> => String((await chunks.next()).value)
  assert.match(await next(), /"task_id":"7"/)
  lab.manager.events.publish('bgtask_updated', { current_progress: 1 })
  assert.match(await next(), /"current_progress":1/)
  lab.manager.events.end()
  assert.match(await next(), /^event: server_close/)
  assert.equal((await chunks.next()).done, true)
})

test('a client that leaves is noticed by the Manager', async () => {
  const sent = begin('/func/stream/kernel/_/events').end()
  await once(sent, 'response')
  await lab.manager.events.whenListeners(1)
  sent.on('error', () => {}).destroy()
  await lab.manager.events.whenListeners(0)
})

const MEBIBYTE = 1024 * 1024
const MANY = 200 * MEBIBYTE
/** What a process holds that holds nothing of a body: the buffers of sockets, at each end of each. */
const FLAT = 64 * MEBIBYTE

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function growthDuring(work: () => Promise<void>): Promise<number> {
  // When V8 collects by itself depends on what else the machine does.
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed
  }
  const before = held()
  let most = 0
  const looking = setInterval(() => {
    most = Math.max(most, held() - before)
  }, 20)
  await work()
  clearInterval(looking)
  return most
}

test('200 MiB come down in flat memory', async () => {
  const growth = await growthDuring(async () => {
    const sent = begin(`/func/test/bytes/${MANY}`).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    let received = 0
    for await (const chunk of answer) received += (chunk as Buffer).length
    assert.equal(received, MANY)
  })
  assert.ok(growth < FLAT, `it held ${growth} bytes more`)
})

test('200 MiB go up in flat memory, chunked', async () => {
  const piece = Buffer.alloc(MEBIBYTE, 'x')
  const hash = createHash('sha256')
  let text = ''
  const growth = await growthDuring(async () => {
    const sent = begin('/func/folders/f/upload', { method: 'PUT' })
    for (let left = MANY; left > 0; left -= piece.length) {
      hash.update(piece)
      if (!sent.write(piece)) await once(sent, 'drain')
    }
    sent.end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    for await (const chunk of answer) text += String(chunk)
  })
  assert.deepEqual(JSON.parse(text).body, { bytes: MANY, sha256: hash.digest('hex') })
  assert.ok(growth < FLAT, `it held ${growth} bytes more`)
})
