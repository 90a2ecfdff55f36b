// Why a connection did not come about, in words for the operator. The codes are those of the system and of OpenSSL.

/** A clause without a full stop: `nothing listens there`. */
export function explainNetworkError(error: unknown): string {
  const inner = innermost(error)
  const code = codeOf(inner)
  const words = WORDS[code]
  if (words !== undefined) return words
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|TLS|SSL/.test(code))
    return `its certificate is not accepted: ${messageOf(inner)}`
  return messageOf(inner)
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed without an answer',
  EHOSTUNREACH: 'there is no way to that machine',
  ENETUNREACH: 'there is no way to that network',
  ENOTFOUND: 'no machine has that name',
  EAI_AGAIN: 'the name service does not answer',
  ETIMEDOUT: 'no answer in time',
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied',
  HPE_INVALID_CONSTANT: 'what listens there does not speak HTTP',
  EPROTO: 'what listens there does not speak TLS',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what listens there does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what listens there does not speak TLS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself, and by no authority that this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that this machine does not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes without those between it and a trusted authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that this machine does not trust',
}

function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0])
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)) || 'unknown reason'
