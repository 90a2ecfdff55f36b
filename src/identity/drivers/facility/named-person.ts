// Reads `{"login": NAME}`, with which a facility says who a person is.

import { isUsableName } from '../usable-form.ts'

/**
 * This field alone, and once. A facility that puts its answer together as text could be made to repeat it by a name with
 * quotes in it, and of two names `JSON.parse` takes the last without a word.
 */
const ONLY_LOGIN = /^\s*\{\s*"login"\s*:\s*"(?:[^"\\]|\\.)*"\s*\}\s*$/

/** @returns undefined for everything that is not exactly that, with a name that can be shown as it is */
export function readNamedPerson(text: string): string | undefined {
  if (!ONLY_LOGIN.test(text)) return undefined
  try {
    const { login } = JSON.parse(text) as { readonly login: string }
    return isUsableName(login) ? login : undefined
  } catch {
    return undefined
  }
}
