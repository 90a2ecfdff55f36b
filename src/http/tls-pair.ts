// Whether a certificate and a private key can serve TLS together: tried when the configuration is read, so that neither a
// start nor the first connection is where it shows.

import { createSecureContext } from 'node:tls'

/** What to do where `whyNoTlsPair` has a reason. */
export const TLS_PAIR_FIX =
  'name the certificate chain, the server’s own certificate first, and its private key, both in PEM and without a passphrase'

/** The reason why not, in the words of OpenSSL; undefined if they can. */
export function whyNoTlsPair(cert: string, key: string): string | undefined {
  try {
    createSecureContext({ cert, key })
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return why.split('::').at(-1)
  }
}
