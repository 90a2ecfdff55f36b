// What the front door does around any route: errors in two forms, headers, base path, own routes against mounts, drain.

import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { defineRoute, json, type Mount, page, seeOther } from '#http'
import { startEdge } from '../support/start-edge.ts'

const hello = defineRoute({
  method: 'GET',
  path: '/api/v1/hello',
  routeClass: 'api',
  access: 'public',
  query: z.strictObject({ name: z.string().max(5).optional() }),
  output: { 200: z.object({ hello: z.string() }) },
  handle: (_ctx, { query }) => json({ hello: query.name ?? 'world', secret: 'CANARY' }),
})
const broken = defineRoute({
  method: 'GET',
  path: '/api/v1/broken',
  routeClass: 'api',
  access: 'public',
  handle: () => {
    throw new Error('CANARY in an internal message')
  },
})
const undeclared = defineRoute({
  method: 'GET',
  path: '/api/v1/undeclared',
  routeClass: 'api',
  access: 'public',
  handle: () => json({ secret: 'CANARY' }),
})
const form = defineRoute({
  method: 'POST',
  path: '/auth/form',
  routeClass: 'auth',
  access: 'public',
  // Other fields are ignored, as in the forms of the portal.
  body: z.object({ name: z.string() }),
  handle: (_ctx, { body }) => seeOther(`/welcome?name=${encodeURIComponent(body.name)}`),
})
const show = defineRoute({
  method: 'GET',
  path: '/show',
  routeClass: 'page',
  access: 'public',
  handle: () =>
    page('error', '<script>alert(1)</script>', {
      status: 200,
      title: '<b>',
      detail: '"\'',
      hint: '',
      code: '',
      errorId: '',
    }),
})
const everything: Mount = {
  id: 'site',
  prefix: '/',
  routeClass: 'public',
  authorize: () => ({ allow: true, rule: 'test' }),
  serve: async (ctx, response) => void response.end(`mount ${ctx.target.raw}`),
}
const routes = [hello, broken, undeclared, form, show]

test('an error is problem+json for programs and a page for people, with one id in answer, header and log', async () => {
  await using edge = await startEdge({ routes })
  const answer = await fetch(`${edge.url}/nowhere`)
  assert.equal(answer.status, 404)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const problem = (await answer.json()) as Record<string, unknown>
  assert.equal(problem.code, 'http.notFound')
  assert.equal(problem.errorId, answer.headers.get('x-request-id'))
  const shown = await ask(edge.port, 'GET', '/nowhere', { 'sec-fetch-mode': 'navigate' })
  assert.match(shown.type, /^text\/html/)
  assert.match(shown.body, /There is nothing here/)
})

test('an unexpected error says nothing of its cause; the log does', async () => {
  await using edge = await startEdge({ routes })
  const answer = await fetch(`${edge.url}/api/v1/broken`)
  const text = await answer.text()
  assert.equal(answer.status, 500)
  assert.doesNotMatch(text, /CANARY|Error:|\.ts/)
  const { errorId } = JSON.parse(text) as { errorId: string }
  const logged = edge.logged.find((line) => line.error_id === errorId)
  assert.match(String(logged?.err), /CANARY/)
})

test('what the output schema does not list does not leave, and what declares none does not leave at all', async () => {
  await using edge = await startEdge({ routes })
  assert.deepEqual(await (await fetch(`${edge.url}/api/v1/hello`)).json(), { hello: 'world' })
  const answer = await fetch(`${edge.url}/api/v1/undeclared`)
  assert.equal(answer.status, 500)
  assert.doesNotMatch(await answer.text(), /CANARY/)
})

test('input is what the schema says: unknown, doubled, too long and polluting fields are 400', async () => {
  await using edge = await startEdge({ routes })
  for (const query of ['?nmae=x', '?name=x&name=y', '?name=toolong', '?__proto__=x', '?name[]=x', '?constructor=x']) {
    const answer = await fetch(`${edge.url}/api/v1/hello${query}`)
    assert.equal(answer.status, 400, query)
  }
  const post = (body: string, type: string) =>
    fetch(`${edge.url}/auth/form`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, origin: edge.url },
      redirect: 'manual',
    })
  assert.equal((await post('name=ada', 'application/x-www-form-urlencoded')).status, 303)
  assert.equal((await post('{"name":"ada"}', 'application/json')).status, 303)
  assert.equal((await post('name=a&name=b', 'application/x-www-form-urlencoded')).status, 400)
  assert.equal((await post('{"name":"ada","__proto__":{"x":1}}', 'application/json')).status, 400)
  assert.equal((await post('{"name":"ada","constructor":{"prototype":{}}}', 'application/json')).status, 400)
  assert.equal((await post('{"name":', 'application/json')).status, 400)
  assert.equal((await post('name=ada', 'text/plain')).status, 415)
  assert.equal((await post('<x/>', 'application/xml')).status, 415)
  assert.equal(({} as Record<string, unknown>).x, undefined)
  const deep = await post(`{"name":${'['.repeat(1_000)}`, 'application/json')
  assert.equal(deep.status, 400)
  assert.match(await deep.text(), /nested deeper than 32 levels/)
})

test('pages escape what they show, and carry the browser defences', async () => {
  await using edge = await startEdge({ routes, url: 'https://gate.test', trustedProxies: ['127.0.0.1'] })
  const answer = await fetch(`${edge.url}/show`)
  const text = await answer.text()
  assert.doesNotMatch(text, /<script>alert|<b>/)
  assert.match(text, /&lt;script&gt;/)
  const policy = answer.headers.get('content-security-policy') ?? ''
  for (const part of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
    assert.ok(policy.includes(part), part)
  }
  assert.doesNotMatch(policy, /unsafe/)
  assert.match(policy, /'nonce-[\w-]{22}'/)
  assert.equal(answer.headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains')
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(answer.headers.get('referrer-policy'), 'same-origin')
  assert.equal(answer.headers.get('cross-origin-opener-policy'), 'same-origin')
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('x-powered-by'), null)
  assert.equal(answer.headers.get('server'), null)
  const second = await fetch(`${edge.url}/show`)
  assert.notEqual(second.headers.get('content-security-policy'), policy)
})

test('under a base path, whether the proxy in front strips it or not', async () => {
  await using edge = await startEdge({ routes, url: 'https://gate.test/x', trustedProxies: ['127.0.0.1'] })
  for (const prefix of ['', '/x']) {
    const answer = await fetch(`${edge.url}${prefix}/api/v1/hello?name=ada`)
    assert.deepEqual(await answer.json(), { hello: 'ada' }, prefix)
    const redirect = await fetch(`${edge.url}${prefix}/auth/form`, {
      method: 'POST',
      body: new URLSearchParams({ name: 'ada' }),
      headers: { origin: 'https://gate.test' },
      redirect: 'manual',
    })
    assert.equal(redirect.headers.get('location'), '/x/welcome?name=ada')
    const shown = await (await fetch(`${edge.url}${prefix}/show`)).text()
    const style = /href="(\/x\/auth\/assets\/style-[0-9a-f]{10}\.css)"/.exec(shown)?.[1]
    assert.ok(style, shown)
  }
})

test('our own paths stay ours when a site is mounted at /', async () => {
  await using edge = await startEdge({ routes, mounts: [everything] })
  assert.equal(await (await fetch(`${edge.url}/anything?x`)).text(), 'mount /anything?x')
  const wrongMethod = await fetch(`${edge.url}/api/v1/hello`, { method: 'DELETE' })
  assert.equal(wrongMethod.status, 405)
  assert.equal(wrongMethod.headers.get('allow'), 'GET, HEAD')
  assert.equal((await fetch(`${edge.url}/api/v1/unknown`)).status, 404)
  assert.equal((await fetch(`${edge.url}/auth/unknown`)).status, 404)
})

test('methods outside the usual reach a mount as they are', async () => {
  await using edge = await startEdge({ mounts: [everything] })
  for (const method of ['PROPFIND', 'REPORT', 'OPTIONS', 'QUERY', 'PATCH']) {
    const { status, body } = await ask(edge.port, method, '/dav/x')
    assert.equal(status, 200, method)
    assert.equal(body, 'mount /dav/x')
  }
})

test('a unix socket serves the same; its peer is a trusted proxy only when listed', async () => {
  const unixPath = join(mkdtempSync(join(tmpdir(), 'gatehouse-')), 'gate.sock')
  const seen: string[] = []
  const watch: Mount = {
    ...everything,
    serve: async (ctx, response) => {
      seen.push(ctx.client.address)
      response.end()
    },
  }
  const viaSocket = () =>
    new Promise<number>((resolve, reject) => {
      request(
        { socketPath: unixPath, path: '/x', headers: { host: 'gate.test', 'x-forwarded-for': '192.0.2.7' } },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
        .once('error', reject)
        .end()
    })
  {
    await using _edge = await startEdge({
      url: 'https://gate.test',
      mounts: [watch],
      unixPath,
      trustedProxies: ['unix'],
    })
    assert.equal(await viaSocket(), 200)
  }
  {
    await using _edge = await startEdge({ url: 'https://gate.test', mounts: [watch], unixPath })
    assert.equal(await viaSocket(), 200)
  }
  assert.deepEqual(seen, ['192.0.2.7', 'unix'])
})

test('a drain lets requests finish and takes no new connection; the deadline cuts the rest', async () => {
  const release = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const slow: Mount = {
    ...everything,
    serve: async (_ctx, response) => {
      arrived.resolve()
      await release.promise
      response.end('finished')
    },
  }
  const edge = await startEdge({ mounts: [slow] })
  const answer = fetch(`${edge.url}/slow`)
  await arrived.promise
  const closed = edge.close(AbortSignal.timeout(10_000))
  await assert.rejects(fetch(`${edge.url}/late`))
  release.resolve()
  assert.equal(await (await answer).text(), 'finished')
  await closed

  const stuck: Mount = { ...everything, serve: () => new Promise(() => undefined) }
  const cut = await startEdge({ mounts: [stuck] })
  const pending = assert.rejects(fetch(`${cut.url}/x`))
  await cut.close(AbortSignal.timeout(100))
  await pending
})

interface Asked {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** Unlike fetch, sends any method and adds no header of its own. */
function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    request({ port, method, path, headers, host: '127.0.0.1' }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      const type = answer.headers['content-type'] ?? ''
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, type, body }))
    })
      .once('error', reject)
      .end()
  })
}

test('a path that lacks only the slash of a mount leads to the mount, not to the site around it', async () => {
  const staff: Mount = {
    ...everything,
    id: 'staff',
    prefix: '/staff/',
    serve: async (_ctx, response) => void response.end('staff'),
  }
  await using edge = await startEdge({
    mounts: [everything, staff],
    url: 'https://gate.test/x',
    trustedProxies: ['127.0.0.1'],
  })
  const answer = await fetch(`${edge.url}/staff?a=1`, { redirect: 'manual' })
  assert.equal(answer.status, 302)
  assert.equal(answer.headers.get('location'), '/x/staff/?a=1')
  assert.equal(await (await fetch(`${edge.url}/staff/`)).text(), 'staff')
})

test('a mount that needs its slash leaves the path without it to the site around it, or to nobody', async () => {
  const say = (text: string): Mount['serve'] => {
    return async (_ctx, response) => void response.end(text)
  }
  const site: Mount = { ...everything, id: 'site', serve: say('site') }
  const strict: Mount = { ...everything, id: 'strict', prefix: '/strict/', needsSlash: true, serve: say('strict') }
  await using around = await startEdge({ mounts: [site, strict] })
  await using alone = await startEdge({ mounts: [strict] })
  const ask = async (url: string) => {
    const answer = await fetch(url, { redirect: 'manual' })
    return [answer.status, answer.status === 200 ? await answer.text() : '']
  }
  assert.deepEqual(await ask(`${around.url}/strict?a=1`), [200, 'site'])
  assert.deepEqual(await ask(`${around.url}/strict/`), [200, 'strict'])
  assert.deepEqual(await ask(`${alone.url}/strict`), [404, ''])
  assert.deepEqual(await ask(`${alone.url}/strict/x`), [200, 'strict'])
})
