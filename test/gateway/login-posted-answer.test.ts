// SAML at the real gateway: the answer comes as a form from the identity provider's page, which is another site, without
// our cookies; the browser that began the login ends it, and nobody else.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createClient, type TestClient } from '../support/http-client.ts'
import { type SamlIdp, startSamlIdp } from '../support/saml-idp.ts'
import { startGateway, type TestGateway } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'

let idp: SamlIdp
let stores: TestStores
let gateway: TestGateway
/** Another node of the same installation: same stores, same public address. */
let other: TestGateway
const URL_OF_ALL = 'https://gate.example.org/lab'

before(async () => {
  idp = await startSamlIdp()
  stores = await openTestStores()
  const identity = [
    { id: 'local', type: 'local' },
    { id: 'sso', type: 'saml', issuer: idp.entityId, loginUrl: idp.loginUrl, certificates: [idp.certificateFile] },
  ]
  const config = { server: { url: URL_OF_ALL }, identity }
  gateway = await startGateway({ config, stores })
  other = await startGateway({ config, stores })
  idp.register((await browse(gateway).get('/lab/auth/saml/sso/metadata')).text)
})
after(async () => {
  await gateway.close()
  await other.close()
  await stores[Symbol.asyncDispose]()
  await idp.close()
})

type Browser = Pick<TestClient, 'get' | 'post' | 'send'>

/** A browser that comes to this node, by a proxy that passes on what it asked for. */
function browse({ listening: [socket = ''] }: TestGateway): Browser {
  const client = createClient(socket)
  const { host } = new URL(URL_OF_ALL)
  return {
    get: (target, headers) => client.get(target, { host, ...headers }),
    post: (target, form, headers) => client.post(target, form, { host, ...headers }),
    send: (target, { headers, ...options } = {}) => client.send(target, { ...options, headers: { host, ...headers } }),
  }
}

const pathOf = (url: string): string => {
  const { pathname, search } = new URL(url, URL_OF_ALL)
  return pathname + search
}

/** Begins a login and logs in there. @returns what the page of the identity provider sends on */
async function prove(client: Browser): Promise<Readonly<Record<string, string>>> {
  const origin = new URL(URL_OF_ALL).origin
  const begun = await client.post('/lab/auth/login/sso', { returnTo: '/account' }, { origin })
  assert.equal(begun.status, 303)
  const { action, fields } = await idp.answer(String(begun.headers.location))
  assert.equal(action, `${URL_OF_ALL}/auth/callback/sso`)
  return fields
}

/** As a browser sends it: from the page of another site, and without our cookies. */
const post = (node: TestGateway, fields: Readonly<Record<string, string>>) =>
  browse(node).post('/lab/auth/callback/sso', fields, { origin: idp.url, 'sec-fetch-site': 'cross-site' })

const isLoggedIn = async (client: Browser): Promise<boolean> => (await client.get('/lab/api/v1/me')).status === 200

test('metadata says who we are and where answers go', async () => {
  const answer = await browse(gateway).get('/lab/auth/saml/sso/metadata')
  assert.equal(answer.headers['content-type'], 'application/samlmetadata+xml')
  assert.match(answer.text, /entityID="https:\/\/gate\.example\.org\/lab\/auth\/saml\/sso\/metadata"/)
  assert.match(answer.text, /Location="https:\/\/gate\.example\.org\/lab\/auth\/callback\/sso"/)
  assert.equal((await browse(gateway).get('/lab/auth/saml/local/metadata')).status, 404)
})

test('an answer that is posted to one node ends the login that was begun at another', async () => {
  const ada = browse(gateway)
  const posted = await post(other, await prove(ada))
  assert.equal(posted.status, 303)
  assert.equal(posted.headers['set-cookie'], undefined)
  const target = pathOf(String(posted.headers.location))
  assert.match(target, /^\/lab\/auth\/callback\/sso\?state=[\w-]{43}$/)
  const landed = await ada.get(target)
  assert.deepEqual([landed.status, landed.headers.location], [303, '/lab/account'])
  const me = (await ada.get('/lab/api/v1/me')).json() as { readonly username: string }
  assert.equal(me.username, 'ada@uni.example')
})

test('an answer counts in the browser that asked for it, and once', async () => {
  const [mallory, victim] = [browse(gateway), browse(gateway)]
  const fields = await prove(mallory)
  const target = pathOf(String((await post(gateway, fields)).headers.location))
  assert.equal((await victim.get(target)).status, 401)
  assert.equal(await isLoggedIn(victim), false)
  // What the victim could not open is still there for its owner.
  assert.equal((await mallory.get(target)).status, 303)
  assert.ok(await isLoggedIn(mallory))
  // The same form again, as with the back button: it is dropped, and the session that there is goes on.
  const again = await post(gateway, fields)
  assert.equal((await mallory.get(pathOf(String(again.headers.location)))).status, 303)
  const stranger = browse(gateway)
  assert.equal((await stranger.get(target)).status, 401)
})

test('an answer of one login is none of another one', async () => {
  const [ada, mallory] = [browse(gateway), browse(gateway)]
  const [own, foreign] = [await prove(ada), await prove(mallory)]
  const fields = { ...own, SAMLResponse: foreign.SAMLResponse ?? '' }
  const posted = await post(gateway, fields)
  assert.equal((await ada.get(pathOf(String(posted.headers.location)))).status, 401)
  assert.equal(await isLoggedIn(ada), false)
})

const keyOf = (state: string): string => `login-answer:${hash('sha256', state, 'hex')}`

test('what nobody asked for is not kept; what is kept cannot be read in the store', async () => {
  const { keyValue } = gateway.apis.storage
  const fields = await prove(browse(gateway))
  const { RelayState: state = '', SAMLResponse: answer = '' } = fields
  const nearly = state.slice(0, -1) + (state.endsWith('A') ? 'E' : 'A')
  for (const unknown of ['', 'x', nearly]) {
    const posted = await post(gateway, { ...fields, RelayState: unknown })
    assert.equal(posted.status, 303)
    assert.equal(await keyValue.get(keyOf(unknown)), undefined)
    assert.equal((await browse(gateway).get(pathOf(String(posted.headers.location)))).status, 401)
  }
  await post(gateway, fields)
  const kept = (await keyValue.get(keyOf(state))) ?? assert.fail('it is kept')
  assert.ok(!kept.includes(answer.slice(0, 40)))
  // The first one stays: nobody who learns of the state later puts another in its place.
  await post(gateway, { ...fields, SAMLResponse: 'AAAA' })
  assert.equal(await keyValue.get(keyOf(state)), kept)
})

test('what is no such form is refused', async () => {
  const fields = await prove(browse(gateway))
  const long = { ...fields, SAMLResponse: 'A'.repeat(131_073) }
  assert.equal((await post(gateway, long)).status, 413)
  const client = browse(gateway)
  const send = (path: string, body: string, type: string) =>
    client.send(path, { method: 'POST', body, headers: { 'content-type': type } })
  const callback = '/lab/auth/callback/sso'
  assert.equal((await send(callback, JSON.stringify(fields), 'application/json')).status, 415)
  assert.equal((await send(callback, 'RelayState=a&RelayState=b', 'application/x-www-form-urlencoded')).status, 400)
  const form = new URLSearchParams(fields).toString()
  for (const id of ['local', 'nobody'])
    assert.equal((await send(`/lab/auth/callback/${id}`, form, 'application/x-www-form-urlencoded')).status, 404)
})
