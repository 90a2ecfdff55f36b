// The body of a signup: whoever asks names who they want to be, and we name the domain (§5.4).

import { webserverErrors } from '../server/errors.ts'
import { parseFields } from '../server/fields.ts'

/**
 * @returns the body in JSON, for this domain whatever it said
 * @throws webserver.invalidParameters
 */
export function withDomain(body: Buffer, domain: string): Buffer {
  const fields = parseFields(body)
  if (fields.size === 0) {
    throw webserverErrors.invalidParameters({ reason: 'The body is no JSON object that says anything.' })
  }
  return Buffer.from(JSON.stringify({ ...Object.fromEntries(fields), domain }))
}
