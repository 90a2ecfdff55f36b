// Bodies that the Web UI hides from whoever reads along on plain HTTP (`X-BackendAI-Encoded`, §5.7). It is no encryption to
// rely on: the key is made of the public address of the endpoint.

import { createDecipheriv } from 'node:crypto'

export const ENCODED_HEADER = 'x-backendai-encoded'

/** @returns undefined for a value that means neither yes nor no. @param header absent: not encoded */
export function readEncodedFlag(header: string | readonly string[] | undefined): boolean | undefined {
  if (header === undefined) return false
  const word = String(header).toLowerCase()
  if (YES.has(word)) return true
  return NO.has(word) ? false : undefined
}

const YES: ReadonlySet<string> = new Set(['1', 't', 'true', 'y', 'yes', 'on'])
const NO: ReadonlySet<string> = new Set(['0', 'f', 'false', 'n', 'no', 'off'])

/**
 * @param endpoint scheme and host of the webserver as the browser was told (`apiEndpoint`), without a slash at the end
 * @returns undefined for what nobody encoded for this endpoint
 */
export function decodePayload(body: Buffer, endpoint: string): Buffer | undefined {
  // Latin1 gives each byte one character: whatever is not ASCII fails the form.
  const [, iv = '', base64 = ''] = FORM.exec(body.toString('latin1')) ?? []
  const ciphertext = Buffer.from(base64, 'base64')
  // The spare bits of the last character must be 0: one payload has one spelling.
  if (iv === '' || ciphertext.toString('base64') !== base64) return undefined
  try {
    const decipher = createDecipheriv('aes-256-cbc', keyFor(endpoint, iv), iv)
    return Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    return undefined
  }
}

/** Initialisation vector, colon, base64 with its padding. */
const FORM = /^([A-Za-z0-9]{16}):([A-Za-z0-9+/]+={0,2})$/

const keyFor = (endpoint: string, iv: string): string =>
  (Buffer.from(endpoint).toString('base64') + iv + iv).slice(0, 32)
