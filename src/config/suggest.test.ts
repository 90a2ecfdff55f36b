import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from './suggest.ts'

const keys = ['clientId', 'clientSecret', 'issuer', 'url', 'listen']

test('a slip of the keyboard or another way of writing finds the name', () => {
  const cases = {
    client_id: 'clientId',
    CLIENTID: 'clientId',
    'client-secret': 'clientSecret',
    isuer: 'issuer',
    issuers: 'issuer',
    isseur: 'issuer',
    ulr: 'url',
    lisen: 'listen',
  }
  for (const [written, meant] of Object.entries(cases)) assert.equal(suggest(written, keys), meant, written)
})

test('another word finds nothing', () => {
  for (const written of ['', 'colour', 'secret', 'x', 'u', 'z'.repeat(10_000)]) {
    assert.equal(suggest(written, keys), undefined, written)
  }
  assert.equal(suggest('url', []), undefined)
})
