// What a refresh ends in when it does not succeed.

import type { GatewayError } from '#kernel'
import { loginErrors } from '../../errors.ts'
import { type Asked, toLoginError } from './failure.ts'

/** "Not proven" is the provider's invalid_grant, or an answer that is not about this person: no for good. */
export function toRefreshError(error: unknown, asked: Asked): GatewayError {
  const failure = toLoginError(error, asked)
  return failure.code === 'login.notProven'
    ? loginErrors.refreshRefused({ label: asked.label }, { internal: failure.internal })
    : failure
}
