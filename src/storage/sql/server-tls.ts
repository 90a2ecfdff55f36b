// The `tls` setting of a database, as the runtime takes it.

import type { SecureContextOptions } from 'node:tls'
import type { TlsConfig } from './config.ts'

export interface ServerTls extends Pick<SecureContextOptions, 'ca' | 'cert' | 'key'> {
  readonly rejectUnauthorized: boolean
}

/** @returns undefined where the connection is not encrypted */
export function toServerTls(tls: TlsConfig): ServerTls | undefined {
  if (tls === false) return undefined
  if (tls === true) return { rejectUnauthorized: true }
  const { ca, certificate, key } = tls
  return {
    rejectUnauthorized: !tls.dangerouslyAcceptAnyCertificate,
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key: key.reveal() }),
  }
}
