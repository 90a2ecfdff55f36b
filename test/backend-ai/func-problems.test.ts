// Whatever goes wrong leaves in the form of the protocol, and without what is for the log.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GatewayError } from '#kernel'
import { errorCatalogue } from '../../src/error-catalogue.ts'
import { createGateway } from '../../src/gateway.ts'
import { configSchema } from '../../src/modules.ts'
import { createFakeContext } from '../support/fake-context.ts'

/** As they hang on the door; nothing is opened. */
const { mounts } = createGateway({
  config: configSchema.parse({
    storage: { keyValue: { type: 'memory' } },
    backendAi: { manager: { to: 'http://127.0.0.1:1' }, pipeline: { to: 'http://127.0.0.1:1' } },
  }),
})

/** The protocol says so of these: without a keypair nobody is known; whatever keeps us from the Manager is a bad gateway. */
const OTHER_STATUS = {
  'credential.missing': 401,
  'signer.unsuitable': 400,
  'upstream.connectTimeout': 502,
  'upstream.nowhere': 502,
}

for (const prefix of ['/func/', '/pipeline/', '/server/']) {
  test(`every error that there is becomes a problem of the same status, but for four: ${prefix}`, () => {
    const { errorAnswer } = mounts.find((mount) => mount.prefix === prefix) ?? assert.fail(prefix)
    for (const { code, status, title } of errorCatalogue) {
      const occurrence = { internal: { secret: 'CANARY-internal' }, cause: new Error('CANARY-cause') }
      const error = new GatewayError({ code, status, title, detail: 'Why.', hint: 'What to do.', ...occurrence })
      const answer = errorAnswer?.(createFakeContext(), error)
      assert.ok(answer?.kind === 'bytes' && typeof answer.body === 'string', code)
      assert.doesNotMatch(answer.body, /CANARY/)
      assert.equal(answer.status, code in OTHER_STATUS ? OTHER_STATUS[code as keyof typeof OTHER_STATUS] : status, code)
      if (answer.contentType.startsWith('text/plain')) continue
      assert.equal(answer.contentType, 'application/problem+json; charset=utf-8')
      const body = JSON.parse(answer.body) as Record<string, unknown>
      assert.match(String(body.type), /^https:\/\/api\.backend\.ai\/probs\/[a-z/-]+$/, code)
      assert.match(String(body.title), /\S/)
      assert.equal(body.error_id, 'request-1')
    }
  })
}
