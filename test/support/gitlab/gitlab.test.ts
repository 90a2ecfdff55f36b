// The stand-in itself: what GitLab's documentation says of its login is what it does.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { Secret } from '#kernel'
import { createProviderVisitor } from '../oidc-provider.ts'
import { type GitLab, startGitLab } from './gitlab.ts'

const application = {
  clientId: 'app',
  clientSecret: new Secret(randomBytes(16).toString('hex')),
  redirectUris: ['http://127.0.0.1:9/back?datahub=one'],
}

const start = () => startGitLab({ applications: [application] })

async function exchange(gitlab: GitLab, form: Record<string, string>) {
  const { clientId, clientSecret } = application
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64')}`
  const answer = await fetch(`${gitlab.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization },
    body: new URLSearchParams(form),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, string> }
}

async function logIn(gitlab: GitLab) {
  const [ada] = gitlab.users
  assert.ok(ada !== undefined)
  const [redirectUri = ''] = application.redirectUris
  const query = new URLSearchParams({
    client_id: 'app',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile email api',
    state: 's',
    nonce: 'n',
  })
  const back = await createProviderVisitor(gitlab.url).login(`${gitlab.url}/oauth/authorize?${query.toString()}`, ada)
  assert.deepEqual([...back.searchParams.keys()].sort(), ['code', 'datahub', 'state'], 'GitLab sends no iss')
  const code = back.searchParams.get('code') ?? ''
  const { status, body } = await exchange(gitlab, { grant_type: 'authorization_code', code, redirect_uri: redirectUri })
  assert.equal(status, 200, JSON.stringify(body))
  return body
}

test('a login yields GitLab’s tokens and claims', { timeout: 30_000 }, async () => {
  await using gitlab = await start()
  const tokens = await logIn(gitlab)
  assert.deepEqual([tokens.token_type, tokens.expires_in], ['Bearer', 7200])
  const claims = decodeJwt(tokens.id_token ?? '')
  assert.deepEqual(
    [claims.sub, claims.preferred_username, claims.email, claims.groups_direct, claims.groups],
    ['101', 'ada', 'ada@example.org', ['plants/roots'], undefined],
  )
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const userinfo = (await (await fetch(`${gitlab.url}/oauth/userinfo`, { headers })).json()) as typeof claims
  assert.deepEqual(
    [userinfo.sub, userinfo.groups, userinfo.groups_direct],
    ['101', ['plants', 'plants/roots'], undefined],
  )
})

test('a refresh gives new tokens and ends both old ones', { timeout: 30_000 }, async () => {
  await using gitlab = await start()
  const old = await logIn(gitlab)
  const form = { grant_type: 'refresh_token', refresh_token: old.refresh_token ?? '' }
  const renewed = await exchange(gitlab, form)
  assert.equal(renewed.status, 200)
  assert.deepEqual(await gitlab.oauth.find(old.access_token ?? ''), { refused: 'expired' })
  assert.ok('user' in (await gitlab.oauth.find(renewed.body.access_token ?? '')))
  assert.equal((await exchange(gitlab, form)).body.error, 'invalid_grant')
})

test('it publishes no logout address', { timeout: 30_000 }, async () => {
  await using gitlab = await start()
  const published = (await (await fetch(`${gitlab.url}/.well-known/openid-configuration`)).json()) as object
  assert.deepEqual(
    Object.keys(published).filter((name) => /end_session|iss_parameter|backchannel/.test(name)),
    [],
  )
})
