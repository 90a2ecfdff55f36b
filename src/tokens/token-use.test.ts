// What is written down of the use of a token, and how often.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '#telemetry'
import { createFakeContext } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { LiveToken } from './token-reader.ts'
import { createTokenUse } from './token-use.ts'

test('a use is written down once a minute, and goes to the audit log when it comes from another address', async () => {
  const clock = createManualClock()
  const written: { at: number; from: string }[] = []
  const audited: AuditEntry[] = []
  const use = createTokenUse({
    clock,
    store: { noteUse: async (_id, { at, from }) => void written.push({ at, from }) },
    audit: { record: async (entry) => void audited.push(entry) },
  })
  const live = { token: { id: 'token-1', userId: 'user-ada', name: 'nightly', kind: 'api-token' } } as LiveToken
  const useFrom = async (address: string): Promise<void> => {
    const ctx = createFakeContext()
    use.note(Object.assign(ctx, { client: { ...ctx.client, address } }), live)
    await use.settled()
  }
  const begun = clock.now()
  await useFrom('192.0.2.1')
  clock.advance(59_999)
  await useFrom('192.0.2.1')
  assert.deepEqual(written, [{ at: begun, from: '192.0.2.1' }])
  clock.advance(1)
  await useFrom('192.0.2.1')
  clock.advance(60_000)
  await useFrom('192.0.2.2')
  assert.deepEqual(
    written.map(({ at, from }) => [at - begun, from]),
    [
      [0, '192.0.2.1'],
      [60_000, '192.0.2.1'],
      [120_000, '192.0.2.2'],
    ],
  )
  assert.deepEqual(
    audited.map(({ action, address }) => [action, address]),
    [
      ['token.use', '192.0.2.1'],
      ['token.use', '192.0.2.2'],
    ],
  )
})
