// What the guide "Connect Shibboleth" says of Umbrella, done as it is written: a real mod_shib hands the hash on in a
// header, and the user office says whose account it is linked with.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, beforeEach, test } from 'node:test'
import { parse } from 'yaml'
import { ada, createRecords, type Facility, sendJson, startFacility } from '../support/facility/index.ts'
import { createClient, type TestClient } from '../support/http-client.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { block, goPast, openShibbolethLab, type ShibbolethLab } from './shibboleth-lab.ts'

let lab: ShibbolethLab
let office: Facility
let gateway: TestGateway

before(async () => {
  office = await startFacility(createRecords())
  lab = await openShibbolethLab({
    attributeMap: (xml) => xml.replace('</Attributes>', `${block('xml', 2, {})}</Attributes>`),
    apache: (text) => text.replace('/auth/callback/shibboleth', '/auth/callback/umbrella'),
  })
  const { url, inner, secretFile } = lab.places
  const piece = block('yaml', 1, {
    '/etc/gatehouse/front-secret': secretFile,
    'https://office.example.org/login/umbrella/': `${office.url}/hash/`,
  })
  const server = { url, listen: inner, trustedProxies: ['127.0.0.1'] }
  gateway = await startGateway({ config: [{ server }, parse(piece)] })
})
after(async () => {
  await gateway?.close()
  await lab?.close()
  await office?.close()
})
beforeEach(() => {
  lab.idp.person.attributes.EAAHash = [ada.hash]
  office.asked.length = 0
  office.bent.clear()
})

const begin = async (client: TestClient): Promise<string> =>
  String((await client.post('/auth/login/umbrella', { returnTo: '/' })).headers.location)

/** Where the browser is to come back to. */
const targetOf = (loginUrl: string): URL => new URL(new URL(loginUrl).searchParams.get('target') ?? '')

test('whom the user office names is logged in, whoever the identity provider says it is, and logs out of both', async () => {
  const client = createClient(lab.places.url)
  const landed = await lab.logInThere(client, await begin(client))
  assert.equal(landed.status, 303, landed.text)
  assert.deepEqual(
    office.asked.map(({ target, body }) => [target, JSON.parse(body)]),
    [['/hash/', { eaa_hash: ada.hash }]],
  )
  const me = (await client.get('/api/v1/me')).json() as Record<string, unknown>
  assert.equal(me.username, 'ada')

  assert.equal((await client.get('/auth/callback/umbrella?state=x')).status, 303, 'Shibboleth knows the browser')
  const out = await client.post('/auth/logout')
  const back = await client.get(String(out.headers.location))
  assert.ok(String(back.headers.location).startsWith(`${lab.places.url}/auth/logged-out?state=`), back.text)
  assert.equal((await client.get('/api/v1/me')).status, 401)
  const again = await client.get('/auth/callback/umbrella?state=x')
  assert.ok(String(again.headers.location).startsWith(lab.idp.loginUrl), 'Shibboleth wants a login again')
})

test('whose hash is linked with nobody is told to go to the user office', async () => {
  lab.idp.person.attributes.EAAHash = ['a-hash-of-nobody']
  const client = createClient(lab.places.url)
  const landed = await lab.logInThere(client, await begin(client))
  assert.equal(landed.status, 403)
  assert.match(landed.text, /login\.notLinked/)
  assert.equal((await client.get('/api/v1/me')).status, 401)
})

test('a login without a hash is nobody, and the user office is not asked', async () => {
  delete lab.idp.person.attributes.EAAHash
  const client = createClient(lab.places.url)
  assert.equal((await lab.logInThere(client, await begin(client))).status, 401)
  assert.deepEqual(office.asked, [])
})

test('nobody is logged in while the user office is away', async () => {
  office.bent.set('hash', (response) => sendJson(response, 500, { login: 'ada' }))
  const client = createClient(lab.places.url)
  assert.equal((await lab.logInThere(client, await begin(client))).status, 503)
  assert.equal((await client.get('/api/v1/me')).status, 401)
})

test('Shibboleth refuses who brings a hash of their own, in each spelling that it would be taken for', async () => {
  const client = createClient(lab.places.url)
  assert.equal((await lab.logInThere(client, await begin(client))).status, 303)
  for (const name of ['EAAHash', 'eaahash', 'EAAHASH']) {
    office.asked.length = 0
    const other = createClient(lab.places.url)
    await lab.logInThere(other, await begin(other))
    const target = targetOf(await begin(other))
    const answer = await other.get(target.href, { [name]: 'a-hash-of-mallory' })
    assert.notEqual(answer.status, 303, `${name}: ${answer.status}`)
    assert.deepEqual(
      office.asked.filter(({ body }) => body.includes('mallory')),
      [],
      name,
    )
  }
})

test('past Apache a hash counts for nothing without the secret, and the name beside it never', async () => {
  const client = createClient(lab.places.url)
  const secret = readFileSync(lab.places.secretFile, 'utf8').trim()
  const send = async (headers: Readonly<Record<string, string>>) => {
    const target = targetOf(await begin(client))
    office.asked.length = 0
    return goPast(gateway, client, target, headers)
  }
  const hash = { EAAHash: ada.hash, uid: 'mallory', REMOTE_USER: 'mallory' }
  assert.equal((await send(hash)).status, 401)
  assert.equal((await send({ ...hash, 'X-Gatehouse-Front': `${secret}0` })).status, 401)
  assert.equal((await send({ ...hash, X_Gatehouse_Front: secret })).status, 401)
  assert.deepEqual(office.asked, [])
  // Where the secret is known, the office still says who it is.
  assert.equal((await send({ ...hash, 'X-Gatehouse-Front': secret })).status, 303)
  const me = await client.get(`${gateway.listening[0]}/api/v1/me`, { host: new URL(lab.places.url).host })
  assert.equal((me.json() as { username: string }).username, 'ada')
})
