// Who somebody is by the answer of a provider's API: a strict contract, because nothing of it is signed. Whatever is not
// exactly one person is a fault.

import type { LoginIdentity } from '../../ports.ts'
import { type ClaimPath, type Claims, groupNames, isObject, textAt, valueAt, verifiedEmail } from '../oauth/claims.ts'
import type { OAuth2Config } from './config.ts'

type Person = Pick<LoginIdentity, 'subject' | 'username' | 'displayName' | 'email' | 'groups'>
type Rules = Pick<OAuth2Config, 'claims' | 'groupsPrefix' | 'dangerouslyAllowEmailAsSubject'>

const MAX_SUBJECT_LENGTH = 255

/** @throws an error that says why it is nobody, in words that hold no part of the answer */
export function readPerson(answer: unknown, rules: Rules): Person {
  if (!isObject(answer)) throw new Error('the answer about the person is no object')
  const { claims, groupsPrefix } = rules
  const subject = subjectIn(answer, rules)
  const show = (path: ClaimPath | undefined): string | undefined => path && textAt(answer, path)
  const username = show(claims.username) ?? subject
  const email = claims.email === undefined ? undefined : verifiedEmail(besideIt(answer, claims.email), 'email')
  const groups = claims.groups === undefined ? [] : (groupNames(valueAt(answer, claims.groups)) ?? [])
  return {
    subject,
    username,
    displayName: show(claims.displayName) ?? username,
    ...(email !== undefined && { email }),
    groups: [...new Set(groups.map((name) => groupsPrefix + name))],
  }
}

function subjectIn(answer: Claims, { claims, dangerouslyAllowEmailAsSubject }: Rules): string {
  const value = valueAt(answer, claims.subject)
  // A larger number has lost its last digits when it was read, and would be somebody else's too.
  const text = Number.isSafeInteger(value) ? String(value) : value
  if (typeof text !== 'string') throw new Error('the subject is neither a text nor an integer')
  if (text === '' || text.length > MAX_SUBJECT_LENGTH) throw new Error('the subject is empty or too long')
  if (!/^[^\p{C}\s]+$/u.test(text)) throw new Error('the subject has characters that no name has')
  if (text.includes('@') && !dangerouslyAllowEmailAsSubject) throw new Error('the subject is an e-mail address')
  return text
}

/** The address, and what is said of it in the same place. */
function besideIt(answer: Claims, path: ClaimPath): Claims {
  const names = [path].flat()
  const place = names.length === 1 ? answer : valueAt(answer, names.slice(0, -1))
  return { email: valueAt(answer, path), email_verified: isObject(place) ? place.email_verified : undefined }
}
