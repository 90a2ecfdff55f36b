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

/**
 * For what is asked with the new tokens, once they are kept.
 * @returns undefined if nobody could be asked: what is known stays. @throws as `toRefreshError` says
 */
export async function unlessAway<Answer>(ask: () => Promise<Answer>, asked: Asked): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    const failure = toRefreshError(error, asked)
    if (failure.code === 'login.providerUnavailable') return undefined
    throw failure
  }
}
