import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isJsonType } from './json-type.ts'

test('JSON, and what is built on it', () => {
  const types = ['application/json', 'Application/JSON; charset=utf-8', 'application/json ;charset=utf-8']
  for (const type of [...types, 'application/problem+json', 'application/vnd.github.v3+json'])
    assert.ok(isJsonType(type), type)
})

test('nothing else, and not none', () => {
  const types = ['text/json', 'application/jsonp', 'application/json5', 'application/x-ndjson', 'x application/json']
  for (const type of [undefined, null, '', ...types, 'text/html; type=application/json'])
    assert.ok(!isJsonType(type), String(type))
})
