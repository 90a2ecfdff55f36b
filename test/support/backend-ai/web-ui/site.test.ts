// Of the page, what a gateway that is right cannot show: `test/e2e/backend-ai-web-ui.browser.test.ts` tries it as a whole.

import assert from 'node:assert/strict'
import { test } from 'node:test'

const load = (name: string): Promise<Record<string, (...args: unknown[]) => unknown>> =>
  import(new URL(`./site/dist/components/${name}`, import.meta.url).href)

const { judgeLogin } = await load('login.js')
const { encodeBody } = await load('encoded-body.js')

test('of 26.2 does not understand a failed login that is not 200, and that of 26.4 wants the Manager’s type', () => {
  const type = 'https://api.backend.ai/probs/auth-failed'
  const body = { authenticated: false, data: { type, details: 'User credential mismatch.' } }
  const mismatch = { state: 'login', text: 'mismatch' }
  assert.deepEqual(judgeLogin?.({ status: 200, body }, '26.2.5'), mismatch)
  assert.deepEqual(judgeLogin?.({ status: 401, body }, '26.2.5'), { state: 'login', text: 'noManager' })
  assert.deepEqual(judgeLogin?.({ status: 401, body }, '26.4.10'), mismatch)
  const untyped = { authenticated: false, data: { details: 'User credential mismatch.' } }
  assert.deepEqual(judgeLogin?.({ status: 401, body: untyped }, '26.8.0'), { state: 'login', text: 'noManager' })
})

// Of the protocol's description, all with the vector ABCDEFGHIJKLMNOP.
const vectors = [
  [
    'https://console.example.com',
    '{"username":"user@example.com","password":"päss"}',
    'VBYQ3zn/6jBMq7fhevGu7VoEqGwLj/Qfak2axrKxvx96WI3ojgEgleZvFspCIGm13nfuLNFrTWDap8YOkQXAlA==',
  ],
  ['http://a', '{"a":1}', '/Wft/J1VX9za6ocD9yRrPQ=='],
  [
    'http://127.0.0.1:8090',
    '{"username":"admin@lablup.com","password":"wJalrXUt"}',
    'VuoFsg8XR+t+5Yokb+RNQLhQ5RGEJovcvngDE1V5t+9zTfYW8BYVBFeajG8BmdUeIm7RUuWE9wGoKlJyc9bfOw==',
  ],
] as const
for (const [endpoint, text, expected] of vectors) {
  test(`encodes a body for ${endpoint}`, async () => {
    assert.equal(await encodeBody?.(endpoint, text, 'ABCDEFGHIJKLMNOP'), `ABCDEFGHIJKLMNOP:${expected}`)
  })
}
