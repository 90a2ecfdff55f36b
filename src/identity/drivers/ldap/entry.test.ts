import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subjectOf, textOf, textsOf } from './entry.ts'

const UUID = '0e3c4e5a-6b7c-1040-8f9a-abcdef012345'
// The example of Microsoft's description of GUIDs in packets ([MS-DTYP] §2.3.4): little-endian up to the third part.
const GUID_BYTES = Buffer.from('78563412341278561234567812345678', 'hex')

test('an identifier is read as its directory means it', () => {
  assert.equal(subjectOf({ dn: 'x', entryUUID: UUID.toUpperCase() }, 'entryUUID'), UUID)
  assert.equal(subjectOf({ dn: 'x', ENTRYuuid: [UUID] }, 'entryUUID'), UUID)
  assert.equal(subjectOf({ dn: 'x', objectGUID: GUID_BYTES }, 'objectGUID'), '12345678-1234-5678-1234-567812345678')
  const ofNetscape = '66446001-1dd211b2-66225011-2ee211db'
  assert.equal(subjectOf({ dn: 'x', nsUniqueId: ofNetscape }, 'nsUniqueId'), ofNetscape)
})

test('what cannot be the one identifier is none', () => {
  for (const entryUUID of [[], '', 'ada', ['a', 'b'], [UUID, UUID], Buffer.from(UUID), `${UUID}\n`]) {
    assert.equal(subjectOf({ dn: 'x', entryUUID }, 'entryUUID'), undefined, String(entryUUID))
  }
  for (const objectGUID of [UUID, Buffer.alloc(15), [GUID_BYTES, GUID_BYTES], []]) {
    assert.equal(subjectOf({ dn: 'x', objectGUID }, 'objectGUID'), undefined)
  }
  assert.equal(subjectOf({ dn: 'x' }, 'entryUUID'), undefined)
})

test('texts are what can be shown', () => {
  const entry = { dn: 'cn=x', cn: ['\u200b', ' Ada\n'], mail: [], photo: Buffer.from([0xff]) }
  assert.equal(textOf(entry, 'CN'), 'Ada')
  assert.equal(textOf(entry, 'mail'), undefined)
  assert.equal(textOf(entry, 'photo'), undefined)
  assert.deepEqual(textsOf(entry, 'dn'), [], 'the name of the entry is no attribute')
})
