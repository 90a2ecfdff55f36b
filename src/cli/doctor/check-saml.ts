// A SAML identity provider: whether its login page answers, and how long its certificates are good.

import { X509Certificate } from 'node:crypto'
import type { GatewayConfig } from '../../modules.ts'
import { tryService } from '../probe/try-service.ts'
import { type Finding, judgeCertificate, toFinding } from './finding.ts'

type Saml = Extract<GatewayConfig['identity'][number], { readonly type: 'saml' }>

export async function checkSaml({ id, loginUrl, certificates }: Saml): Promise<readonly Finding[]> {
  // No certificate is asked whether it has ended: which keys the provider signs with is what the configuration says.
  const ends = certificates.map((pem) => new X509Certificate(pem).validToDate)
  return [
    toFinding(`identity provider ${id}`, await tryService({ url: loginUrl })),
    ...ends.map((end) => judgeCertificate(`signing certificate ${id}`, end, Date.now())),
  ]
}
