// What others say of a person as plain text, without a protocol of claims: headers of a front server, attributes of a SAML
// assertion. The subject is taken as it is or not at all; the rest is for showing, and is cleaned.

import type { LoginIdentity } from '../ports.ts'
import { toPrintable } from '../printable.ts'
import { groupNames, textAt, verifiedEmail } from './oauth/claims.ts'

export interface StatedPerson {
  readonly provider: string
  readonly issuer: string
  readonly subject: string
  readonly sid?: string | undefined
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly email?: string | undefined
  readonly groups: readonly string[]
  readonly groupsPrefix: string
}

const MAX_SUBJECT_LENGTH = 255
const MAX_NAME_LENGTH = 128

/** What we would have to alter before showing it names nobody. */
export const isUsableSubject = (text: string): boolean => text !== '' && toPrintable(text, MAX_SUBJECT_LENGTH) === text

/** @param person whose subject is usable */
export function toIdentity(person: StatedPerson): LoginIdentity {
  const { provider, issuer, subject, sid, groups, groupsPrefix } = person
  const username = textAt({ ...person }, 'username') ?? toPrintable(subject, MAX_NAME_LENGTH)
  const email = verifiedEmail({ email: person.email, email_verified: true }, 'email')
  return {
    provider,
    issuer,
    subject,
    ...(sid !== undefined && { sid }),
    username,
    displayName: textAt({ ...person }, 'displayName') ?? username,
    ...(email !== undefined && { email }),
    groups: [...new Set((groupNames(groups) ?? []).map((name) => groupsPrefix + name))],
  }
}
