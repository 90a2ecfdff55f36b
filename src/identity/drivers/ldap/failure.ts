// What goes wrong with a directory, in words of ours: what its library throws may quote what was sent.

/** The directory could not be asked, or is not as the configuration says. */
export class LdapFault extends Error {
  override readonly name = 'LdapFault'
}

/** The result code of an answer (RFC 4511 §4.1.9), where one came. */
export function toResultCode(error: unknown): number | undefined {
  const isAnswer = error instanceof Error && !(error instanceof DOMException) && 'code' in error
  return isAnswer && typeof error.code === 'number' ? error.code : undefined
}

/** For the log. */
export function describeLdapFailure(error: unknown): string {
  if (error instanceof LdapFault) return error.message
  const result = toResultCode(error)
  if (result !== undefined) return `result code ${result}`
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError' || (error.name === 'AbortError' && isTimeout(error.cause)))
    return 'no answer in time'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return code ?? 'the connection broke'
}

const isTimeout = (cause: unknown): boolean => cause instanceof Error && cause.name === 'TimeoutError'
