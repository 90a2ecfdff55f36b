// The row `policy`: one decision per request, deny by default. A refusal is told to the person with its reason,
// logged as `security_violation` and kept in the audit log, bounded per person and place.

import type { Step } from '#http'
import type { Access } from './access.ts'
import { accessErrors } from './errors.ts'
import type { RefusalRecorder } from './refusal-recorder.ts'

export function createPolicyStep(access: Pick<Access, 'decide' | 'principal'>, recordRefusal: RefusalRecorder): Step {
  return (ctx) => {
    const decision = access.decide(ctx)
    // Nothing was found at this address: the edge answers 404, and there is nothing to guard.
    if (decision === undefined || decision.allow) return
    if (access.principal(ctx) === undefined) throw accessErrors.loginRequired({})
    recordRefusal(ctx, decision.because)
    const { because } = decision
    throw decision.error?.() ?? accessErrors.refused({ because }, { internal: { because } })
  }
}
