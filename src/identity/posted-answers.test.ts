import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryKeyValue, type Sealer } from '#storage'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createPostedAnswers } from './posted-answers.ts'

const plain = { seal: String, open: (text: string) => Buffer.from(text) } as unknown as Sealer
const KIB = 1024

function createAnswers() {
  const clock = createManualClock(Date.UTC(2026, 0, 1))
  const keyValue = createMemoryKeyValue({ clock })
  const answers = createPostedAnswers({ clock, keyValue, sealer: plain, attempts: { isUnderWay: async () => true } })
  let count = 0
  /** Posts answers as large as any for new logins, until one is refused. @returns how many were kept */
  const fill = async (addressOf: (n: number) => string, atMost: number): Promise<number> => {
    for (let n = 0; n < atMost; n++) {
      try {
        await answers.keep({ address: addressOf(n), state: `state ${count++}`, answer: 'x'.repeat(128 * KIB) })
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'login.busy')
        return n
      }
    }
    return atMost
  }
  return { clock, answers, fill }
}

test('an address makes us keep so much in a minute and no more, and others have theirs', async () => {
  const { clock, fill } = createAnswers()
  assert.equal(await fill((n) => `2001:db8::${n}`, 100), 64, 'the same /64')
  assert.equal(await fill(() => '192.0.2.1', 10), 10)
  clock.advance(60_000)
  assert.equal(await fill(() => '2001:db8::1', 10), 10)
})

test('all addresses together are bounded too', async () => {
  const { fill } = createAnswers()
  assert.equal(await fill((n) => `198.51.100.${n % 200}`, 1000), 512)
})

test('what comes again for the same login is not counted', async () => {
  const { answers, fill } = createAnswers()
  const posted = { address: '192.0.2.1', state: 'one', answer: 'x'.repeat(128 * KIB) }
  for (let n = 0; n < 100; n++) await answers.keep(posted)
  assert.equal(await answers.take('one'), posted.answer)
  assert.equal(await fill(() => '192.0.2.1', 100), 63)
})
