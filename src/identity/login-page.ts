// What the templates `login` and `connect` show: the ways in, the one used last first, and what went wrong.

import { type Answer, page } from '#http'
import type { Goal } from './login-service.ts'
import type { IdentityProvider } from './provider.ts'

export interface LoginPageData {
  /** What failed, for the person. */
  readonly error?: string | undefined
  /** Asks one provider's second factor, and nothing else. */
  readonly otp?: { readonly provider: string; readonly label: string; readonly state: string } | undefined
}

export interface PageProvider {
  readonly id: string
  readonly label: string
  readonly kind: IdentityProvider['kind']
  /** Whether it can bring a login of just now, where that is what is needed. */
  readonly canBeFresh: boolean
  /** By this browser. */
  readonly wasUsedLast?: boolean
}

/** The page for the goal: to log in, or to connect one more account. */
export const loginPage = (
  { purpose: goal, returnTo, mustBeFresh = false }: Goal,
  providers: readonly PageProvider[],
  data: LoginPageData,
  status = 200,
): Answer => {
  const shown = { ...data, goal, returnTo, mustBeFresh, providers }
  return goal === 'login' ? page('login', 'Log in', shown, status) : page('login', 'Connect an account', shown, status)
}

/** @param last the id of the provider that this browser last logged in with */
export function lastUsedFirst(providers: readonly PageProvider[], last: string | undefined): readonly PageProvider[] {
  const isLast = ({ id }: PageProvider): boolean => id === last
  const first = providers.filter(isLast).map((provider) => ({ ...provider, wasUsedLast: true }))
  return [...first, ...providers.filter((provider) => !isLast(provider))]
}
