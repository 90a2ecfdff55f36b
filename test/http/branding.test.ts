// What an operator may make their own: name, logo, footer, and any page template.

import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { defineRoute, page } from '#http'
import { startEdge } from '../support/start-edge.ts'

const show = defineRoute({
  method: 'GET',
  path: '/show',
  routeClass: 'page',
  access: 'public',
  handle: () => page('error', 'A page', { status: 418, title: '<i>', detail: '', hint: '', code: '', errorId: '' }),
})

const files = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-branding-'))
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    return join(folder, name)
  }
  return {
    logo: await write('logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    template: await write('error.eta', '<h1>Our words: <%= it.title %></h1>'),
    broken: await write('broken.eta', '<% if ( %>'),
  }
}

test('name, logo, footer and a template of their own; what it shows is escaped all the same', async () => {
  const { logo, template } = await files()
  const branding = { title: 'Lab <gate>', logo, footer: 'Ask & tell', templates: { error: template } }
  await using edge = await startEdge({ routes: [show], branding })
  const text = await (await fetch(`${edge.url}/show`)).text()
  assert.match(text, /<title>A page · Lab &lt;gate&gt;<\/title>/)
  assert.match(text, /Ask &amp; tell/)
  assert.match(text, /<h1>Our words: &lt;i&gt;<\/h1>/)
  const path = /src="(\/auth\/assets\/logo-[0-9a-f]{10}\.svg)"/.exec(text)?.[1] ?? ''
  const picture = await fetch(`${edge.url}${path}`)
  assert.equal(picture.headers.get('content-type'), 'image/svg+xml')
  assert.match(picture.headers.get('cache-control') ?? '', /immutable/)
})

test('a template that is missing or does not compile keeps the gateway from starting', async () => {
  const { broken } = await files()
  const start = (error: string) => startEdge({ routes: [show], branding: { title: 'x', templates: { error } } })
  await assert.rejects(start('/nowhere/error.eta'), /ENOENT/)
  await assert.rejects(start(broken))
})
