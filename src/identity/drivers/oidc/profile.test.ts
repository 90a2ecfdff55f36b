// What each kind of provider's claims come to: names, groups, and what must not pass for a group.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oidcDriver } from '../oidc.ts'
import { createReading, groupsOf, onlyGroups, speaksOfAllGroups, toIdentity } from './profile.ts'

const readingOf = (extra: Readonly<Record<string, unknown>>) =>
  createReading(
    oidcDriver.config.parse({ id: 'sso', type: 'oidc', issuer: 'https://sso.test', clientId: 'gatehouse', ...extra }),
  )

const who = (profile: string, claims: Readonly<Record<string, unknown>>) =>
  toIdentity(readingOf({ profile }), { iss: 'https://sso.test', sub: 'x', ...claims })

test('keycloak: groups are the same with and without the full path; roles carry what they are', () => {
  const roles = {
    realm_access: { roles: ['staff', 'offline_access'] },
    resource_access: { gatehouse: { roles: ['operator'] }, 'https://sp.test/saml': { roles: ['a:b'] } },
  }
  const expected = [
    'lab',
    'plants/roots',
    'realm-role:staff',
    'realm-role:offline_access',
    'client-role:gatehouse:operator',
    'client-role:https%3A%2F%2Fsp.test%2Fsaml:a:b',
  ]
  assert.deepEqual(who('keycloak', { groups: ['/lab', '/plants/roots'], ...roles }).groups, expected)
  assert.deepEqual(who('keycloak', { groups: ['lab', 'plants/roots'], ...roles }).groups, expected)
})

test('keycloak: a group that is called like a role is none', () => {
  const groups = [
    'realm-role:staff',
    '/realm-role:staff',
    '/client-role:gatehouse:operator',
    '/lab',
    '/',
    '//realm-role:x',
  ]
  assert.deepEqual(who('keycloak', { groups }).groups, ['lab', '/realm-role:x'])
  const prefixed = readingOf({ profile: 'keycloak', groupsPrefix: 'kc/' })
  assert.deepEqual(groupsOf(prefixed, { groups: ['/lab', 'realm-role:x'], realm_access: { roles: ['x'] } }), [
    'kc/lab',
    'kc/realm-role:x',
  ])
})

test('keycloak: roles of the wrong shape are no roles', () => {
  for (const wrong of [
    null,
    1,
    'staff',
    [],
    ['staff'],
    { roles: null },
    { roles: { staff: true } },
    { roles: [1, ''] },
  ]) {
    assert.deepEqual(who('keycloak', { realm_access: wrong }).groups, [], JSON.stringify(wrong))
    assert.deepEqual(who('keycloak', { resource_access: { gatehouse: wrong } }).groups, [], JSON.stringify(wrong))
  }
  assert.deepEqual(who('keycloak', { resource_access: { '\ud800': { roles: ['a'] } } }).groups, [])
  assert.deepEqual(who('keycloak', { realm_access: { roles: 'staff' } }).groups, ['realm-role:staff'])
})

test('keycloak: until every claim has been found, somebody is still to be asked', () => {
  const reading = readingOf({ profile: 'keycloak' })
  const claims = { groups: [], realm_access: { roles: [] }, resource_access: {} }
  assert.equal(speaksOfAllGroups(reading, claims), true)
  for (const name of Object.keys(claims)) {
    const { [name as keyof typeof claims]: _, ...rest } = claims
    assert.equal(speaksOfAllGroups(reading, rest), false, name)
  }
  assert.equal(groupsOf(reading, {}), undefined)
  assert.deepEqual(groupsOf(reading, claims), [])
})

test('keycloak: of an access token nothing but groups and roles is taken', () => {
  const claims = { sub: 'evil', email: 'x@y.test', email_verified: true, groups: ['a'], realm_access: {}, iss: 'x' }
  assert.deepEqual(onlyGroups(readingOf({ profile: 'keycloak' }), claims), { groups: ['a'], realm_access: {} })
  const elsewhere = readingOf({ profile: 'keycloak', claims: { groups: ['lab', 'groups'] } })
  assert.deepEqual(onlyGroups(elsewhere, { ...claims, lab: { groups: ['b'] } }), {
    lab: { groups: ['b'] },
    realm_access: {},
  })
})

test('gitlab: groups are full paths; which of its two claims is for the operator to say', () => {
  const claims = { groups: ['plants', 'plants/roots'], groups_direct: ['plants/roots'], preferred_username: 'ada' }
  assert.deepEqual(who('gitlab', claims).groups, ['plants', 'plants/roots'])
  const direct = readingOf({ profile: 'gitlab', claims: { groups: 'groups_direct' } })
  assert.deepEqual(groupsOf(direct, claims), ['plants/roots'])
})

test('cilogon: the name is eppn, groups are isMemberOf, the home organisation is a group of its own kind', () => {
  const claims = {
    sub: 'http://cilogon.org/serverA/users/12345',
    eppn: 'ada@uni.test',
    name: 'Ada Lovelace',
    idp: 'https://idp.uni.test/shibboleth',
    idp_name: 'University of Test',
    isMemberOf: ['CO:members:all', 'idp:https://other.test'],
    groups: ['not-asked'],
    email: 'ada@uni.test',
  }
  const { subject, username, displayName, groups, email } = who('cilogon', claims)
  assert.deepEqual(
    { subject, username, displayName, groups, email },
    {
      subject: claims.sub,
      username: 'ada@uni.test',
      displayName: 'Ada Lovelace (University of Test)',
      groups: ['CO:members:all', 'idp:https://idp.uni.test/shibboleth'],
      email: undefined,
    },
  )
  const bare = who('cilogon', { sub: claims.sub, idp: ['https://a.test', 'https://b.test'] })
  assert.deepEqual([bare.username, bare.displayName, bare.groups], [claims.sub, claims.sub, []])
})

test('generic: no other claim than the one that is named makes groups', () => {
  const claims = { groups: ['/lab'], realm_access: { roles: ['staff'] }, idp: 'https://x.test', isMemberOf: ['y'] }
  assert.deepEqual(who('generic', claims).groups, ['/lab'])
})

test('the groups of GitLab’s API need GitLab and its scope', () => {
  const problems = (extra: Readonly<Record<string, unknown>>) => {
    const base = { id: 'sso', type: 'oidc', issuer: 'https://sso.test', clientId: 'gatehouse', groupsFrom: 'api' }
    return oidcDriver.config.safeParse({ ...base, ...extra }).error?.issues.map(({ path }) => path[0])
  }
  assert.deepEqual(problems({ scopes: ['openid', 'read_api'] }), ['groupsFrom'])
  assert.deepEqual(problems({ profile: 'gitlab' }), ['scopes'])
  assert.equal(problems({ profile: 'gitlab', scopes: ['openid', 'read_api'] }), undefined)
})
