// The body of a signup: whoever asks names who they want to be, and we name the domain (§5.4).

import { webserverErrors } from '../server/errors.ts'
import { isEmailAddress, parseFields } from '../server/fields.ts'

/**
 * @returns the body in JSON, for this domain whatever it said
 * @throws webserver.invalidParameters
 */
export function withDomain(body: Buffer, domain: string): Buffer {
  const fields = parseFields(body)
  if (fields.size === 0) {
    throw webserverErrors.invalidParameters({ reason: 'The body is no JSON object that says anything.' })
  }
  // The Manager says what else it needs.
  if (fields.has('email') && !isEmailAddress(fields.get('email'))) {
    throw webserverErrors.invalidParameters({ reason: 'The field email is no e-mail address.' })
  }
  return Buffer.from(JSON.stringify({ ...Object.fromEntries(fields), domain }))
}
