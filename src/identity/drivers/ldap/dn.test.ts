import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameBelow, parseDn, type Rdn } from './dn.ts'

const READ: Readonly<Record<string, readonly (readonly [type: string, value: string])[] | undefined>> = {
  'cn=staff,ou=groups,dc=lab': [
    ['cn', 'staff'],
    ['ou', 'groups'],
    ['dc', 'lab'],
  ],
  'CN=Staff, OU = Groups': [
    ['cn', 'Staff'],
    ['ou', 'Groups'],
  ],
  'cn=a\\,ou=groups,dc=lab': [
    ['cn', 'a,ou=groups'],
    ['dc', 'lab'],
  ],
  'cn=a\\2cou=groups,dc=lab': [
    ['cn', 'a,ou=groups'],
    ['dc', 'lab'],
  ],
  'cn=a\\\\,dc=lab': [
    ['cn', 'a\\'],
    ['dc', 'lab'],
  ],
  'cn=M\\c3\\bcller': [['cn', 'Müller']],
  'cn=Müller 😀': [['cn', 'Müller 😀']],
  'cn=\\ a\\ ': [['cn', ' a ']],
  'cn=\\#a': [['cn', '#a']],
  'cn=a=b': [['cn', 'a=b']],
  'cn=a\\"b\\+c\\;d': [['cn', 'a"b+c;d']],
  '': undefined,
  staff: undefined,
  'cn=': undefined,
  '=a': undefined,
  'cn=a,': undefined,
  ',cn=a': undefined,
  'cn=a,,dc=lab': undefined,
  'cn=a+ou=b,dc=lab': undefined,
  'cn=a;dc=lab': undefined,
  'cn="a",dc=lab': undefined,
  'cn=#0403,dc=lab': undefined,
  'cn=a\\': undefined,
  'cn=\\ff': undefined,
  'cn=a\0': undefined,
  '2.5.4.3=a': undefined,
}
for (const [text, expected] of Object.entries(READ)) {
  test(`is ${expected === undefined ? 'not ' : ''}read: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(
      parseDn(text),
      expected?.map(([type, value]) => ({ type, value })),
    )
  })
}

const base = parseDn('ou=groups,dc=lab,dc=test') ?? assert.fail()

test('a name counts only directly below the base', () => {
  const name = (dn: string) => nameBelow(base, 'cn', dn)
  assert.equal(name('cn=staff,ou=groups,dc=lab,dc=test'), 'staff')
  assert.equal(name('CN=Staff,OU=Groups,DC=LAB,DC=test'), 'Staff')
  for (const dn of [
    'ou=groups,dc=lab,dc=test',
    'cn=staff,ou=more,ou=groups,dc=lab,dc=test',
    'cn=staff,dc=lab,dc=test',
    'ou=staff,ou=groups,dc=lab,dc=test',
    'cn=staff,ou=groups,dc=lab,dc=test,dc=evil',
    'cn=staff\\,ou=groups,dc=lab,dc=test',
    'cn=staff,ou=groups,dc=evil',
    'staff',
  ]) {
    assert.equal(name(dn), undefined, dn)
  }
})

const toWritten = (value: string): string =>
  value.replace(/[,\\#+<>;"= \0]/g, (character) => `\\${Buffer.from(character).toString('hex')}`)

test('what was escaped is read back, and stays one part', () => {
  const rdn: fc.Arbitrary<Rdn> = fc.record(
    {
      type: fc.constantFrom('cn', 'ou', 'dc'),
      value: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((value) => value.isWellFormed()),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(rdn, { minLength: 1, maxLength: 4 }), (rdns) => {
      assert.deepEqual(parseDn(rdns.map(({ type, value }) => `${type}=${toWritten(value)}`).join(',')), rdns)
    }),
  )
})
