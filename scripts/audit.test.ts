// The real npm, asked about our own lock file, at a registry that says what the test wants.

import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { type AuditAnswer, askRegistry } from './audit.ts'

async function askAt(answer: (response: ServerResponse) => void): Promise<AuditAnswer> {
  const server = createServer((request, response) => {
    request.resume()
    if (request.url?.endsWith('/security/advisories/bulk')) answer(response)
    else response.writeHead(404).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await askRegistry([`--registry=http://127.0.0.1:${port}`, '--fetch-retries=0'])
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const json = (body: object) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

test('where no hole is known, that is said, and of how many packages', async () => {
  const { exitCode, text } = await askAt(json({}))
  assert.equal(exitCode, 0, text)
  assert.match(text, /^No hole is known in any of \d{2,} packages\.$/)
})

test('a hole is named, with the package and where to read of it', async () => {
  const hole = { id: 1, title: 'Answers are mixed up', url: 'https://advisories.test/1', severity: 'high' }
  const { exitCode, text } = await askAt(json({ undici: [{ ...hole, vulnerable_versions: '<999' }] }))
  assert.equal(exitCode, 1, text)
  assert.match(text, / {2}high {2}undici .*\n {4}Answers are mixed up: https:\/\/advisories\.test\/1/)
})

test('a registry that cannot say is not taken for one that knows of none', async () => {
  for (const status of [404, 405, 500]) {
    const { exitCode, text } = await askAt((response) => response.writeHead(status).end())
    assert.equal(exitCode, 2, text)
    assert.match(text, new RegExp(`does not say which packages have known holes \\(${status} `))
  }
})
