// What only some gateways need is loaded where it is configured: code that is not there cannot be attacked, and starts at once.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createClient } from '../support/http-client.ts'
import { listen } from '../support/oidc-provider.ts'
import { findFreePort, makeDirectory, removeDirectory } from '../support/programs.ts'
import { makeKeyPair } from '../support/saml-idp.ts'
import type { ConfigLayer } from '../support/start-gateway.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'

const directory = makeDirectory('loaded')
after(() => removeDirectory(directory))

const SAML = ['saxes', '@node-saml/node-saml', 'xml-encryption', 'xml-crypto', '@xmldom/xmldom', 'xpath', 'xml2js']
const LDAP = ['ldapts']
const OTHERS = ['nodemailer', 'oidc-provider', 'esbuild', '@clack/prompts']

let started = 0
async function start(config: ConfigLayer): Promise<{ gateway: GatewayProcess; loaded: () => readonly string[] }> {
  started += 1
  const file = join(directory, `packages-${started}`)
  writeFileSync(file, '')
  const hook = new URL('../support/note-packages.ts', import.meta.url).href
  const env = { NODE_OPTIONS: `--import=${hook}`, GATEHOUSE_TEST_PACKAGES: file }
  const gateway = await startGatewayProcess({ config, env })
  return { gateway, loaded: () => readFileSync(file, 'utf8').split('\n') }
}

const local = { id: 'local', type: 'local' }

test('without them in the configuration no library of SAML, LDAP or mail is loaded, not by a login either', async () => {
  const { gateway, loaded } = await start({ identity: [local] })
  await using _ = gateway
  const client = createClient(gateway.url)
  assert.equal((await client.get('/auth/login')).status, 200)
  assert.equal((await client.post('/auth/login/local', { username: 'ada', password: 'x'.repeat(12) })).status, 401)
  assert.ok(loaded().includes('zod'), 'what is loaded is seen')
  assert.deepEqual(
    [...SAML, ...LDAP, ...OTHERS].filter((name) => loaded().includes(name)),
    [],
  )
})

test('with them each is loaded when it is first needed', async () => {
  const { certificateFile } = makeKeyPair(directory, 'idp')
  const port = await findFreePort()
  const saml = {
    id: 'saml',
    type: 'saml',
    issuer: 'https://idp.example.org',
    loginUrl: 'https://idp.example.org/sso',
    certificates: [certificateFile],
  }
  // It takes the connection, and understands nothing.
  const directoryServer = await listen()
  const ldap = {
    id: 'ldap',
    type: 'ldap',
    servers: [directoryServer.url.replace('http', 'ldap')],
    people: { base: 'ou=people,dc=example,dc=org' },
  }
  const server = { url: `http://localhost:${port}`, listen: `127.0.0.1:${port}` }
  const { gateway, loaded } = await start({ server, identity: [local, saml, ldap] })
  await using _ = gateway
  const found = (names: readonly string[]) => names.filter((name) => loaded().includes(name))
  assert.deepEqual(found([...SAML, ...LDAP, ...OTHERS]), [])
  const client = createClient(gateway.url)
  assert.equal((await client.post('/auth/login/saml', {})).status, 303)
  assert.deepEqual(found(['saxes', '@node-saml/node-saml', ...LDAP]), ['saxes', '@node-saml/node-saml'])
  await client.post('/auth/login/ldap', { username: 'ada', password: 'x'.repeat(12) })
  assert.deepEqual(found(LDAP), LDAP)
  await directoryServer.close()
})
