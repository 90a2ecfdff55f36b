// Reads whose a keypair is, from the Manager's answer to a GraphQL query that it signed.

import { z } from 'zod'
import { toPrintable } from '#identity'
import { wordText } from './authorization.ts'

/** What we would have to alter before showing it is nobody's name. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => toPrintable(text, 255) === text)

const user = z.object({ email: name, role: wordText, domain_name: z.string() })
const answer = z.object({ data: z.object({ user }), errors: z.undefined().optional() })

/** The owner of a keypair, as the Manager knows them. */
export interface ManagerUser {
  readonly username: string
  readonly role: string
  readonly domain: string
}

export const USER_QUERY = '{ user { email role domain_name } }'

/** @returns undefined for what does not name exactly one person */
export function readUser(body: unknown): ManagerUser | undefined {
  const { data: found } = answer.safeParse(body)
  if (found === undefined) return undefined
  const { email: username, role, domain_name: domain } = found.data.user
  return { username, role, domain }
}
