// The guide "Connect a SAML identity provider", done as it is written, in a real browser: the identity provider is another
// site than the gateway, so that its form comes without the gateway's cookies (SameSite).

import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { openBrowser, type TestBrowser } from '../support/browser.ts'
import { createClient } from '../support/http-client.ts'
import { findFreePort, isMissing, type Missing, makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { runCommand } from '../support/run-command.ts'
import { type SamlIdp, startSamlIdp } from '../support/saml-idp.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { readGuide } from './guide-text.ts'

const guide = readGuide('docs/guide/connect-saml.md')
const folder = makeDirectory('guide-saml')
let idp: SamlIdp
let service: RecordingUpstream
let gateway: TestGateway
let browser: TestBrowser | Missing
let url: string

before(async () => {
  idp = await startSamlIdp()
  assert.equal(new URL(idp.url).hostname, '127.0.0.1', 'another site than localhost')
  service = await startRecordingUpstream()
  const port = await findFreePort()
  url = `http://localhost:${port}`
  copyFileSync(idp.certificateFile, join(folder, 'idp.pem'))
  const ours: Readonly<Record<string, string>> = {
    'https://gate.example.org': url,
    'https://idp.example.org/idp': idp.entityId,
    'https://idp.example.org/sso': idp.loginUrl,
    '/etc/gatehouse/idp.pem': join(folder, 'idp.pem'),
    'http://data:8000': service.url,
    'group:lab': 'group:lab',
  }
  const rows = guide.table('replace').map(([what]) => what)
  assert.deepEqual(rows, Object.keys(ours), 'the table names what is to be replaced')
  const yaml = rows.reduce((text, what) => text.replaceAll(what, ours[what] ?? ''), guide.blocks('yaml')[0] ?? '')
  writeFileSync(join(folder, 'gatehouse.yaml'), yaml)
  gateway = await startGateway({ config: [parse(yaml), { server: { listen: `127.0.0.1:${port}` } }] })
  browser = await openBrowser()
})
after(async () => {
  if (!isMissing(browser)) await browser.close()
  await gateway.close()
  await service.close()
  await idp.close()
  removeDirectory(folder)
})

test('the configuration is right', async () => {
  const [command = ''] = guide.blocks('sh')[0]?.split('\n') ?? []
  const { exitCode, output, errors } = await runCommand(command.split(' ').slice(2), { cwd: folder })
  assert.equal(exitCode, 0, output + errors)
})

test('the provider is told by our metadata, or by hand', async () => {
  const metadataUrl = `${url}/auth/saml/university/metadata`
  const { status, text } = await createClient(url).get(metadataUrl)
  assert.equal(status, 200)
  idp.register(text)
  const [[, entityId = ''] = [], [, callback = ''] = []] = guide.table('it asks for')
  assert.equal(entityId.replace('https://gate.example.org', url), metadataUrl)
  assert.ok(text.includes(`Location="${callback.replace('https://gate.example.org', url)}"`))
})

test('people log in there with a browser, and the service gets the requests of the group', async (t) => {
  if (isMissing(browser)) return t.skip(browser.missing)
  const page = await browser.newPage()
  await page.goto(`${url}/auth/login?returnTo=%2Fapi%2Fdata%2Fx`)
  await page.getByRole('button', { name: 'University login' }).click()
  await page.waitForURL(`${url}/api/data/x`)
  assert.equal((await page.locator('body').textContent())?.trim(), 'ok')
  const me = await page.evaluate(async () => (await fetch('/api/v1/me')).text())
  assert.match(me, /"username":"ada@uni.example"/)
})

test('who comes from the provider unasked is not logged in', async (t) => {
  if (isMissing(browser)) return t.skip(browser.missing)
  const mallory = createClient(url)
  const begun = await mallory.post('/auth/login/university')
  const page = await browser.newPage()
  const answer = page.waitForResponse((response) => response.url().startsWith(`${url}/auth/callback/university?`))
  await page.goto(String(begun.headers.location))
  assert.equal((await answer).status(), 401)
  assert.match((await page.locator('body').textContent()) ?? '', /can no longer be completed/)
})

test('the doctor looks at the provider and at its certificate', async () => {
  const { output } = await runCommand(['doctor', '--json', '--config', 'gatehouse.yaml'], { cwd: folder })
  const { findings } = JSON.parse(output) as { readonly findings: readonly { check: string; status: string }[] }
  const statusOf = (check: string) => findings.find((each) => each.check === check)?.status
  assert.equal(statusOf('identity provider university'), 'ok', output)
  assert.equal(statusOf('signing certificate university'), 'warning', 'two days are left')
})
