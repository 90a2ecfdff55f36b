// What the portal takes for the end of the session: it asks for another login then.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEndOfSession, toProblem } from '../../web/src/api/problem.ts'

test('a refusal for want of a login, and none that another login would not mend', () => {
  for (const code of ['access.loginRequired', 'session.expired', 'portal.sessionNeeded', undefined])
    assert.equal(isEndOfSession(toProblem({ code }, 401)), true, String(code))
  assert.equal(isEndOfSession(toProblem({ code: 'token.misplaced' }, 401)), false)
  assert.equal(isEndOfSession(toProblem({ code: 'access.refused' }, 403)), false)
  assert.equal(isEndOfSession(new Error('401')), false)
})
