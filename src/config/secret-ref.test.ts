import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '#kernel'
import { createInputs, withInputs } from './inputs.ts'
import { secretRef } from './secret-ref.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-secret-'))
after(() => rmSync(directory, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

const readTestSecret = (): Secret => secretRef().parse({ env: 'GATEHOUSE_TEST_SECRET' })

const reasonsFor = (input: unknown): string =>
  (secretRef().safeParse(input).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`).join()

test('a file gives a secret without its last newline, and only that one', () => {
  assert.equal(
    secretRef()
      .parse({ file: file('a', 'hunter2\n') })
      .reveal(),
    'hunter2',
  )
  assert.equal(
    secretRef()
      .parse({ file: file('b', 'hunter2\r\n') })
      .reveal(),
    'hunter2',
  )
  assert.equal(
    secretRef()
      .parse({ file: file('c', ' two\nlines\n\n') })
      .reveal(),
    ' two\nlines\n',
  )
})

test('a variable gives a secret, from the environment that is passed or else from the process', () => {
  assert.equal(withInputs(createInputs({ GATEHOUSE_TEST_SECRET: 'passed' }), readTestSecret).reveal(), 'passed')
  process.env.GATEHOUSE_TEST_SECRET = 'own'
  after(() => delete process.env.GATEHOUSE_TEST_SECRET)
  assert.equal(readTestSecret().reveal(), 'own')
})

test('a secret that is missing, empty, too large or not text says which reference is at fault', () => {
  assert.match(reasonsFor({ file: join(directory, 'none') }), /^file: .*no such file/)
  assert.match(reasonsFor({ file: file('empty', '\n') }), /^file: .*is empty/)
  assert.match(reasonsFor({ file: file('big', 'x'.repeat(65_537)) }), /^file: .*larger than 64 KiB/)
  assert.match(reasonsFor({ file: file('binary', Uint8Array.of(0xff, 0xfe)) }), /^file: .*UTF-8/)
  assert.match(reasonsFor({ env: 'GATEHOUSE_TEST_NONE' }), /^env: .*is not set/)
})

test('a secret written in place of a reference is refused and not repeated', () => {
  for (const input of ['hunter2', { value: 'hunter2' }, ['hunter2'], { file: 'hunter2', env: 'hunter2' }]) {
    const { error } = secretRef().safeParse(input)
    assert.ok(error)
    assert.doesNotMatch(inspect(error, { depth: 9 }), /hunter2/)
  }
})

test('a parsed secret does not print', () => {
  const secret = withInputs(createInputs({ S: 'hunter2' }), () => secretRef().parse({ env: 'S' }))
  assert.ok(secret instanceof Secret)
  assert.equal(`${String(secret)} ${JSON.stringify(secret)} ${inspect(secret)}`, '[secret] "[secret]" [secret]')
})
