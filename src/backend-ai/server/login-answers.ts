// What a login comes to, in the shapes that the Web UI compares (§1.2), and what of it counts as a failure (§2.5).

import { type Answer, json } from '#http'
import type { Profile } from '../profile.ts'
import type { ManagerLogin, ManagerProblem, Understood } from './authorization.ts'

/** What a login tells of a person: never the secret key. */
export const toLoginData = ({ accessKey, role, status }: Pick<ManagerLogin, 'accessKey' | 'role' | 'status'>) => ({
  access_key: accessKey,
  role,
  status,
})

/** @param profile absent: failures are 200, as everywhere before 26.4 */
export function toLoginAnswer(answer: Understood, profile?: Pick<Profile, 'failedLoginStatus'>): Answer {
  switch (answer.kind) {
    case 'success':
      return json({ authenticated: true, data: toLoginData(answer.login) })
    case 'otpRequired':
      return json({ authenticated: false, data: OTP_REQUIRED })
    case 'otpRegistrationRequired':
      return json({
        authenticated: false,
        data: { ...REGISTRATION_REQUIRED, two_factor_registration_token: answer.token },
      })
    case 'refused': {
      const status = profile?.failedLoginStatus === 'managers' ? answer.status : 200
      return json({ authenticated: false, data: toFailureData(answer.problem) }, status)
    }
  }
}

export const toFailureData = ({ type, title, msg }: ManagerProblem) => ({ type, title, details: msg })

const OTP_REQUIRED = {
  type: 'https://api.backend.ai/probs/require-totp-authentication',
  title: 'Two-Factor Authentication needed.',
  details: 'You must authenticate using Two-Factor Authentication.',
}

const REGISTRATION_REQUIRED = {
  type: 'https://api.backend.ai/probs/require-totp-registration',
  title: 'Two-Factor Authentication registration required.',
  details: 'You must register Two-Factor Authentication.',
}

type Refusal = { readonly status: number; readonly problem: ManagerProblem }

/**
 * Codes count whatever the release: they are short, and can be guessed by whoever has the password. So does what a plugin of
 * the Manager rejects, because some check passwords: those of a directory, for example.
 */
export const countsAsFailure = (
  { status, problem }: Refusal,
  { countedFailures }: Pick<Profile, 'countedFailures'>,
): boolean => countedFailures === 'any' || status === 401 || WRONG_CODE.test(problem.msg ?? '') || isRejected(problem)

const isRejected = ({ type, msg }: ManagerProblem): boolean =>
  type?.endsWith('/rejected-by-hook') === true && !MISSING_CODE.test(msg ?? '')

const WRONG_CODE = /Invalid TOTP code provided|Failed to validate OTP/
const MISSING_CODE = /OTP not provided/

/** For log and audit: a word of a small closed set. */
export function reasonOf({ status, problem }: Refusal): string {
  if (WRONG_CODE.test(problem.msg ?? '')) return 'otp'
  const type = problem.type?.split('/').at(-1) ?? ''
  if (REASONS.has(type)) return type.replaceAll('-', '_')
  return status === 401 ? 'credentials' : 'refused_by_manager'
}

const REASONS: ReadonlySet<string> = new Set([
  'active-login-session-exists',
  'login-blocked',
  'password-expired',
  'rejected-by-hook',
])
