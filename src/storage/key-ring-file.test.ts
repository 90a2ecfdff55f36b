// The key ring's file: what is read, what is refused and why, how it is made and rotated.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { generateRingKey } from './key-ring.ts'
import { createKeyRingFile, formatKeyRing, parseKeyRing, readKeyRing, rotateKeyRing } from './key-ring-file.ts'

const now = Date.UTC(2026, 10, 21, 10, 0, 0)
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-ring-'))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)

const strong = () => randomBytes(32).toString('base64url')
const line = (text: string, id = 'k1') => `${id} ${text} 2026-11-21T10:00:00Z\n`
const encoded = (bytes: Iterable<number> | string) => Buffer.from(bytes as string).toString('base64url')

describe('parseKeyRing', () => {
  it('reads keys in their order and skips comments and empty lines', () => {
    const keys = [generateRingKey(now), generateRingKey(now - 1_000)]
    assert.deepEqual(parseKeyRing(`\n# comment\r\n${formatKeyRing(keys)}\n`), keys)
  })

  const secret = strong()
  const refused: readonly (readonly [name: string, text: string, reason: RegExp])[] = [
    ['an empty file', '', /holds no key/],
    ['comments only', '# k1 …\n', /holds no key/],
    ['a missing date', `k1 ${secret}\n`, /line 1: a key is three words/],
    ['a fourth word', `k1 ${secret} 2026-01-01 x\n`, /three words/],
    ['an id with a dot', line(secret, 'k.1'), /an id has/],
    ['a date that is none', `k1 ${secret} yesterday\n`, /no valid time/],
    ['the same id twice', line(strong()) + line(strong()), /k1 is in it twice/],
    ['the same key twice', line(secret) + line(secret, 'k2'), /is in it twice/],
    ['base64 with padding', line(randomBytes(32).toString('base64')), /not base64url/],
    ['31 bytes', line(randomBytes(31).toString('base64url')), /31 bytes instead of 32/],
    ['33 bytes', line(randomBytes(33).toString('base64url')), /33 bytes instead of 32/],
    ['hexadecimal', line(randomBytes(32).toString('hex')), /48 bytes instead of 32/],
    ['a short password', line('changeme'), /bytes instead of 32/],
    ['the error in line 3', `# x\n${line(secret)}nonsense\n`, /line 3/],
    ...weakKeys().map(([name, text]) => [name, line(text), /is weak/] as const),
  ]
  for (const [name, text, reason] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseKeyRing(text), reason)
    })
  }

  it('never quotes a key', () => {
    for (const [, text] of refused) {
      try {
        parseKeyRing(text)
      } catch (error) {
        for (const word of text.split(/\s+/)) if (word.length > 20) assert.ok(!String(error).includes(word))
      }
    }
  })

  it('takes random keys', () => {
    for (let count = 0; count < 5_000; count += 1) parseKeyRing(line(strong()))
  })
})

describe('the file of the key ring', () => {
  it('is made with mode 0600 and one key, in a folder for the owner only', () => {
    createKeyRingFile(at('made/ring'), now)
    assert.equal(readKeyRing(at('made/ring')).keys.length, 1)
    assert.equal(statSync(at('made/ring')).mode & 0o777, 0o600)
    assert.equal(statSync(at('made')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(at('made')), ['ring'])
  })

  it('is left as it is when it exists', () => {
    createKeyRingFile(at('once'), now)
    const before = readFileSync(at('once'))
    createKeyRingFile(at('once'), now)
    assert.deepEqual(readFileSync(at('once')), before)
  })

  it('is the same for processes that make it at once', async () => {
    const program = `
      import { createKeyRingFile, readKeyRing } from ${JSON.stringify(new URL('./key-ring-file.ts', import.meta.url))}
      createKeyRingFile(process.argv[1], 0)
      console.log(readKeyRing(process.argv[1]).keys[0].id)`
    const args = ['--input-type=module', '--eval', program, at('race')]
    const runs = await Promise.all([1, 2, 3, 4].map(() => promisify(execFile)(process.execPath, args)))
    assert.equal(new Set(runs.map(({ stdout }) => stdout)).size, 1)
  })

  it('rotates: a new key first, the mode and the old keys kept', () => {
    createKeyRingFile(at('rotated'), now)
    chmodSync(at('rotated'), 0o640)
    const [old] = readKeyRing(at('rotated')).keys
    const id = rotateKeyRing(at('rotated'), now + 1_000)
    const { keys } = readKeyRing(at('rotated'))
    assert.deepEqual([keys[0]?.id, keys[0]?.createdAt, keys[1]], [id, now + 1_000, old])
    assert.equal(statSync(at('rotated')).mode & 0o777, 0o640)
  })

  it('leaves the file to whom it belongs, so that root may rotate for the gateway', () => {
    const isRoot = process.getuid?.() === 0
    createKeyRingFile(at('given'), now)
    if (isRoot) chownSync(at('given'), 12_345, 23_456)
    const { uid, gid } = statSync(at('given'))
    rotateKeyRing(at('given'), now + 1_000)
    const after = statSync(at('given'))
    assert.deepEqual([after.uid, after.gid], [uid, gid])
    if (isRoot) assert.deepEqual([uid, gid], [12_345, 23_456])
  })

  it('rotates nothing into a first key', () => {
    assert.equal(rotateKeyRing(at('new/ring'), now), readKeyRing(at('new/ring')).keys[0]?.id)
    assert.equal(statSync(at('new/ring')).mode & 0o777, 0o600)
  })

  it('does not overwrite a file that it cannot understand', () => {
    writeFileSync(at('broken'), 'precious')
    assert.throws(() => rotateKeyRing(at('broken'), now), /cannot be used: line 1/)
    assert.equal(readFileSync(at('broken'), 'utf8'), 'precious')
  })

  it('tells when others can read it', () => {
    createKeyRingFile(at('mode'), now)
    assert.equal(readKeyRing(at('mode')).exposed, false)
    chmodSync(at('mode'), 0o644)
    assert.equal(readKeyRing(at('mode')).exposed, true)
  })

  it('says what to do when it is missing', () => {
    assert.throws(() => readKeyRing(at('none')), /no such file; `gatehouse keys rotate` makes it/)
  })
})

function weakKeys(): readonly (readonly [string, string])[] {
  const word = (text: string) => encoded(text.repeat(32).slice(0, 32))
  const words = [
    'changeme',
    'password',
    'secret',
    'gatehouse',
    'admin',
    '0123456789abcdef',
    'correct horse battery staple!!!!',
  ]
  return [
    ['zeros', encoded(Buffer.alloc(32))],
    ['ones', encoded(Buffer.alloc(32, 255))],
    ['counting bytes', encoded(Array.from({ length: 32 }, (_, at) => at))],
    ['counting down', encoded(Array.from({ length: 32 }, (_, at) => 255 - at))],
    ['counting letters', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ'],
    ['half a key twice', encoded(Buffer.concat([Buffer.alloc(16, 'q7Z!'), Buffer.alloc(16, 'q7Z!')]))],
    ['16 random bytes twice', encoded([...randomBytesTwice()])],
    ['letters of one kind', randomBytes(32).toString('base64url').toLowerCase().slice(0, 42).concat('c')],
    ['hexadecimal of a right length', randomBytes(22).toString('hex').slice(0, 42).concat('0')],
    ['the bytes of a sentence', encoded('The quick brown fox jumps over 1')],
    ['a sentence', 'replaceme_with_the_output_of_openssl_Rand_0'.padEnd(43, 'A').slice(0, 42).concat('A')],
    ...words.map((text) => [`the bytes of ${text}`, word(text)] as const),
    ...words.slice(0, 6).map((text) => [`the text of ${text}`, text.repeat(43).slice(0, 42).concat('A')] as const),
  ]
}

function randomBytesTwice(): Buffer {
  const half = randomBytes(16)
  return Buffer.concat([half, half])
}
