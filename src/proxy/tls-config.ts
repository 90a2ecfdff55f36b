// The part of an upstream's configuration that says how it proves who it is, and how the gateway does. What the files
// hold is tried when the configuration is read: a wrong key is no surprise of the first request.

import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { pemFile } from '#config'
import { TLS_PAIR_FIX, whyNoTlsPair } from '#http'
import { Secret } from '#kernel'

export const upstreamTlsSchema = z
  .strictObject({
    ca: pemFile()
      .optional()
      .describe('Authorities whose certificates are accepted, PEM; instead of the well-known ones.'),
    certificate: pemFile()
      .optional()
      .describe('The certificate chain that the gateway shows, PEM, for services that ask who is calling.'),
    key: pemFile()
      .transform((text) => new Secret(text))
      .optional()
      .describe('The private key of that certificate, PEM, without a passphrase.'),
    serverName: z
      .string()
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, {
        error: 'a server name is a host name, without a port',
      })
      .optional()
      .describe(
        'The name that is asked for (SNI) and that the certificate must bear. Default: the host of the address.',
      )
      .meta({ examples: ['manager.internal.example.org'] }),
    dangerouslyAcceptAnyCertificate: z
      .boolean()
      .default(false)
      .describe('Whoever answers at the address is believed, and gets what the gateway signs. Never in production.'),
  })
  .superRefine((tls, check) => {
    for (const { key, message, fix } of findFaults(tls)) {
      check.addIssue({ code: 'custom', message, path: [key], params: { fix } })
    }
  })
  .meta({ title: 'TLS' })

export type UpstreamTls = z.output<typeof upstreamTlsSchema>

interface Fault {
  readonly key: 'ca' | 'certificate' | 'key'
  readonly message: string
  readonly fix: string
}

function findFaults({ ca, certificate, key }: UpstreamTls): readonly Fault[] {
  const faults: Fault[] = []
  if (ca !== undefined && !isCertificate(ca)) {
    faults.push({
      key: 'ca',
      message: 'it holds no certificate that can be read',
      fix: 'name a file with the authorities in PEM',
    })
  }
  if ((certificate === undefined) !== (key === undefined)) {
    const absent = certificate === undefined ? 'certificate' : 'key'
    faults.push({ key: absent, message: 'certificate and key go together', fix: 'give both, or neither' })
  } else if (certificate !== undefined && key !== undefined) {
    const why = whyNoTlsPair(certificate, key.reveal())
    if (why !== undefined) {
      const message = `certificate and key cannot be used together: ${why}`
      faults.push({ key: 'certificate', message, fix: TLS_PAIR_FIX })
    }
  }
  return faults
}

/** OpenSSL takes authorities that it cannot read for none, without a word. */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
