import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GatewayError } from '#kernel'
import { webserverErrors } from './errors.ts'
import { parseFields, requireText, requireUsername } from './fields.ts'

const parse = (text: string) => parseFields(Buffer.from(text))
const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof GatewayError ? error.code : String(error)
  }
  return 'none'
}
const usernameOf = (username: unknown) => requireUsername(parse(JSON.stringify({ username })))

test('what is no JSON object has no fields, so that the first one is missing', () => {
  for (const text of ['', ' ', 'garbage', '{', '{"username":}', '[]', '[{"username":"ada"}]', '"text"', '7', 'null']) {
    assert.equal(parse(text).size, 0, text)
    assert.equal(
      codeOf(() => requireUsername(parse(text))),
      'webserver.usernameMissing',
    )
  }
  assert.equal(parseFields(Buffer.from('{"username":"\xff"}', 'latin1')).size, 0)
})

test('fields come as they are, the last of each name', () => {
  const fields = parse('{"username":"ada","force":true,"username":"grace","otp":1e999,"domain":"other"}')
  assert.deepEqual(Object.fromEntries(fields), {
    username: 'grace',
    force: true,
    otp: Number.POSITIVE_INFINITY,
    domain: 'other',
  })
})

test('no name of a field reaches what objects inherit', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'prototype', 'length']) {
    assert.equal(parse('{}').get(name), undefined)
    assert.equal(parse(`{"${name}":"x"}`).get(name), 'x')
    assert.equal(
      codeOf(() => requireText(parse('{}'), name, () => webserverErrors.passwordMissing({}))),
      'webserver.passwordMissing',
    )
  }
  for (const text of ['{"__proto__":{"username":"ada"}}', '{"a":[{"\\u005f_proto__":1}]}']) {
    assert.equal(
      codeOf(() => parse(text)),
      'webserver.invalidParameters',
      text,
    )
  }
  assert.equal(({} as { readonly username?: string }).username, undefined)
})

test('what is nested too deep is not parsed', () => {
  const nested = (depth: number) => `{"username":${'['.repeat(depth)}${']'.repeat(depth)}}`
  assert.equal(
    codeOf(() => parse(nested(31))),
    'none',
  )
  assert.equal(
    codeOf(() => parse(nested(32))),
    'webserver.invalidParameters',
  )
  assert.equal(
    codeOf(() => parse('['.repeat(1_000_000))),
    'webserver.invalidParameters',
  )
})

test('a required field is text that is not empty', () => {
  for (const value of ['""', '0', '7', 'true', 'null', '[]', '["x"]', '{}', '{"toString":"x"}']) {
    const fields = parse(`{"password":${value}}`)
    assert.equal(
      codeOf(() => requireText(fields, 'password', () => webserverErrors.passwordMissing({}))),
      'webserver.passwordMissing',
      value,
    )
  }
  assert.equal(
    requireText(parse('{"password":" "}'), 'password', () => webserverErrors.passwordMissing({})),
    ' ',
  )
})

test('names and addresses that a Manager may know are let through, without the space around them', () => {
  for (const username of [
    'ada@example.org',
    'Ada.Lovelace+lab@sub.example.org',
    'admin@localhost',
    'ada@[127.0.0.1]',
    '"ada lovelace"@example.org',
    '"a@b"@example.org',
    "o'neil@example.org",
    'ädä@bücher.example',
    '김@예시.한국',
    'ada',
    'Ada Lovelace',
    'lab\\ada',
    '42',
  ]) {
    assert.equal(usernameOf(username), username)
    assert.equal(usernameOf(` ${username}\n`), username)
  }
})

test('what has an @ and is no address is refused, and what cannot be seen', () => {
  for (const username of [
    '@',
    'ada@',
    '@example.org',
    'ada@@example.org',
    'ada@evil.example@example.org',
    'ada @example.org',
    'ada@exam ple.org',
    'ada@example..org',
    'ada@.example.org',
    'ada@example.org.',
    'ada@example.org>, <grace@example.org',
    'ada\r\nBcc: x@example.org',
    'ada\0@example.org',
    'ada\u202e@example.org',
    'ada\u200b',
    'a\u2028da',
    `${'a'.repeat(250)}@x.org`,
  ]) {
    assert.equal(
      codeOf(() => usernameOf(username)),
      'webserver.usernameUnusable',
      JSON.stringify(username),
    )
  }
  assert.equal(
    codeOf(() => usernameOf('   ')),
    'webserver.usernameMissing',
  )
})

test('no name takes long to be judged', () => {
  for (const unit of ['a', '@', 'a.', '"', '"@', ' ']) {
    const startedMs = performance.now()
    codeOf(() => usernameOf(`a@${unit.repeat(120)}`))
    codeOf(() => usernameOf(unit.repeat(500_000)))
    assert.ok(performance.now() - startedMs < 1000, unit)
  }
})

test('whatever bytes come, there is an answer', () => {
  const anything = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from))
  fc.assert(
    fc.property(anything, (bytes) => {
      const code = codeOf(() => requireUsername(parseFields(Buffer.from(bytes))))
      assert.match(code, /^(none|webserver\.(usernameMissing|usernameUnusable|invalidParameters))$/)
    }),
  )
})
