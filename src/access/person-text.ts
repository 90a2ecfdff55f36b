// Text made of facts about a person, for headers: `{username}`, `{groups}` and the like in a fixed text. Whatever a
// provider says about somebody, it stays one line of visible ASCII, and no two people look alike in it.

import { z } from 'zod'
import type { Principal } from './access.ts'

const FACTS = {
  username: (principal: Principal) => encode(principal.username),
  user_id: (principal: Principal) => encode(principal.userId),
  provider: (principal: Principal) => encode(principal.provider),
  subject: (principal: Principal) => encode(principal.subject),
  name: (principal: Principal) => encode(principal.displayName),
  email: (principal: Principal) => encode(principal.email ?? ''),
  groups: (principal: Principal) => principal.groups.map(encode).join(','),
} as const

/** For the descriptions of settings that take such a text. */
export const PERSON_FACTS =
  '{username}, {user_id}, {provider}, {subject}, {name}, {email} and {groups}. What is not visible ASCII, and `%` and `,`, is percent-encoded in them; groups are joined with `,`'

const PLACEHOLDER = /\{([^{}]*)\}/g

export const personTextSchema = z
  .string()
  .regex(/^[\x20-\x7e]*$/, { error: 'a header value is made of visible ASCII characters' })
  .superRefine((text, check) => {
    for (const [placeholder, fact] of text.matchAll(PLACEHOLDER)) {
      if (Object.hasOwn(FACTS, fact ?? '')) continue
      const known = Object.keys(FACTS).map((name) => `{${name}}`)
      check.addIssue({ code: 'custom', message: `${placeholder} is not one of ${known.join(', ')}` })
    }
  })

/**
 * The text for a person; undefined if it says something about a person and there is none.
 *
 * @example compilePersonText('{provider}/{subject}')(ada) // 'sso/8f2c41'
 */
export function compilePersonText(text: string): (principal: Principal | undefined) => string | undefined {
  if (!text.includes('{')) return () => text
  return (principal) =>
    principal && text.replace(PLACEHOLDER, (_placeholder, fact: keyof typeof FACTS) => FACTS[fact](principal))
}

/** One spelling for every value, so that no two people, and no two lists of groups, look alike. */
const encode = (text: string): string =>
  text.replace(/[^\x21-\x7e]|[%,]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
