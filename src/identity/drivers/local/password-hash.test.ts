import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import { createPasswordHasher, MAX_PASSWORD_LENGTH } from './password-hash.ts'

const cheap = createPasswordHasher({ memoryKib: 64, passes: 1, lanes: 1 })

test('what was hashed is recognised, and nothing else', async () => {
  const stored = await cheap.hash('correct horse')
  assert.notEqual(stored, await cheap.hash('correct horse'), 'each hash has a salt of its own')
  assert.deepEqual(await cheap.check('correct horse', stored), { matches: true, isOutdated: false })
  for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse', 'correct\u0000horse']) {
    assert.deepEqual(await cheap.check(wrong, stored), { matches: false, isOutdated: false })
  }
})

test('a hash says how it was made, in the format that everybody uses', async () => {
  const stored = await createPasswordHasher().hash('correct horse')
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
})

test('the same characters typed otherwise are the same password', async () => {
  assert.ok((await cheap.check('caf\u00e9 corretto', await cheap.hash('cafe\u0301 corretto'))).matches)
})

test('a hash of another cost still counts, and is called outdated', async () => {
  const other = createPasswordHasher({ memoryKib: 128, passes: 1, lanes: 1 })
  assert.deepEqual(await other.check('correct horse', await cheap.hash('correct horse')), {
    matches: true,
    isOutdated: true,
  })
})

test('without an account, and with a hash that is none, the answer is no', async () => {
  for (const stored of [
    undefined,
    '',
    'plain',
    '$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA',
    '$argon2i$v=19$m=64,t=1,p=1$x$y',
  ]) {
    assert.deepEqual(await cheap.check('', stored), { matches: false, isOutdated: false })
  }
})

test('a password beyond the limit is refused even if its beginning is right', async () => {
  const longest = 'x'.repeat(MAX_PASSWORD_LENGTH)
  const stored = await cheap.hash(longest)
  assert.ok((await cheap.check(longest, stored)).matches)
  assert.ok(!(await cheap.check(`${longest}y`, stored)).matches)
})

test('a crowd is turned away rather than kept waiting, and those inside are served', async () => {
  const checks = Array.from({ length: 150 }, () => cheap.check('x', undefined))
  const results = await Promise.allSettled(checks)
  const refused = results.filter(({ status }) => status === 'rejected')
  assert.equal(results.length - refused.length, 102)
  for (const result of refused) {
    assert.ok(
      result.status === 'rejected' && result.reason instanceof GatewayError && result.reason.code === 'login.busy',
    )
  }
  assert.ok(!(await cheap.check('x', undefined)).matches, 'and afterwards all is well')
})

test('a name that does not exist costs the same work', async () => {
  const hasher = createPasswordHasher()
  const stored = await hasher.hash('correct horse')
  const time = async (known: boolean): Promise<number> => {
    const startedAt = performance.now()
    await hasher.check('wrong', known ? stored : undefined)
    return performance.now() - startedAt
  }
  const median = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
  const known: number[] = []
  const unknown: number[] = []
  for (let round = 0; round < 15; round += 1) {
    known.push(await time(true))
    unknown.push(await time(false))
  }
  // Without the dummy work the second would be hundreds of times faster; the bound leaves room for a busy machine.
  assert.ok(median(unknown) > median(known) / 3, `${median(known)} ms and ${median(unknown)} ms`)
})
