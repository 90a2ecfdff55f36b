// Every error leads to where its kind is explained: programs by `type`, people by a link, each in the reader's language.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorCatalogue } from '../../src/error-catalogue.ts'
import { createClient } from '../support/http-client.ts'
import { startGateway } from '../support/start-gateway.ts'

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }

test('what an error means is one link away', { timeout: 60_000 }, async () => {
  await using gateway = await startGateway({ config: { identity: [{ id: 'local', type: 'local' }] } })
  const client = createClient(gateway.url)
  const explained = await client.get('/docs/errors', PAGE)
  assert.equal(explained.status, 200)
  for (const { code } of errorCatalogue) assert.ok(explained.text.includes(`id="${code}"`), code)

  const page = await client.get('/no-such-page', PAGE)
  assert.match(page.text, /<a [^>]*href="\/docs\/errors#http\.notFound">What this means<\/a>/)
  const { type } = (await client.get('/api/v1/me')).json() as { type: string }
  assert.equal(type, '/docs/errors#access.loginRequired')

  const german = { ...PAGE, 'accept-language': 'de' }
  assert.match((await client.get('/no-such-page', german)).text, />Was das bedeutet<\/a>/)
  const inGerman = (await client.get('/docs/errors', german)).text
  assert.match(inGerman, /<html lang="de"/)
  assert.match(inGerman, /<h1>Fehler<\/h1>/)
  assert.match(inGerman, /id="session.expired-title" lang="de">Ihre Sitzung ist beendet</)
  assert.match(
    inGerman,
    /id="access.groupUnknown-title" lang="en">/,
    'what only programs meet stays in English, and says so',
  )
})
