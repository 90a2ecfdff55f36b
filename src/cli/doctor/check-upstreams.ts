// Each endpoint behind the door: whether it answers, whether its certificate is accepted and for how long, and whether what
// its signer needs is there.

import { z } from 'zod'
import { configuredServices } from '#backend-ai'
import { configuredHubs } from '#hubs'
import { parseJson } from '#kernel'
import { type ServiceConfig, upstreamId } from '#proxy'
import { ask } from '../probe/ask.ts'
import { messageOf } from '../probe/outcome.ts'
import { tryService } from '../probe/try-service.ts'
import { type Check, type Finding, failure, judgeCertificate, ok, type Patient, skipped, toFinding } from './finding.ts'

export const checkUpstreams: Check = async (patient) => {
  const { upstreams, backendAi, hubs } = patient.loaded.config
  const services: readonly Named[] = [
    ...upstreams.map((config) => ({ kind: 'upstream', id: upstreamId(config), config })),
    ...[...configuredServices(backendAi), ...configuredHubs(hubs)].map(({ id, config }) => ({
      kind: 'service',
      id,
      config,
    })),
  ]
  const found = services.flatMap((service) => service.config.to.map(({ url }) => checkEndpoint(service, url)))
  return [...(await Promise.all(found)).flat(), ...(await checkSigning(patient))]
}

interface Named {
  readonly kind: string
  readonly id: string
  readonly config: ServiceConfig
}

async function checkEndpoint({ kind, id, config }: Named, url: string): Promise<readonly Finding[]> {
  const tls = tlsOf(config)
  const path = config.healthCheck?.path
  const reached = await tryService({ url, ...(path !== undefined && { path }), ...(tls && { tls }) })
  const finding = toFinding(`${kind} ${id}`, reached)
  if (!reached.ok || !url.startsWith('https:')) return [finding]
  const { certificateEnds } = await ask(url, tls && { tls }).catch(() => ({ certificateEnds: undefined }))
  return certificateEnds ? [finding, judgeCertificate(`certificate ${id}`, certificateEnds, Date.now())] : [finding]
}

const tlsOf = ({ tls }: ServiceConfig) =>
  tls && {
    ...(tls.ca !== undefined && { ca: tls.ca }),
    ...(tls.certificate !== undefined && { cert: tls.certificate }),
    ...(tls.key !== undefined && { key: tls.key.reveal() }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
    rejectUnauthorized: !tls.dangerouslyAcceptAnyCertificate,
  }

/** RFC 7517 §5 */
const keySet = z.object({ keys: z.array(z.unknown()) })

/** Secrets and credentials of signers were checked with the configuration; what is left is whether services can verify. */
async function checkSigning({ loaded, url }: Patient): Promise<readonly Finding[]> {
  const signed = loaded.config.upstreams.filter(({ sign }) => sign.type === 'identity-jwt')
  if (signed.length === 0) return []
  if (url === undefined) return [skipped('signing', 'without server.url the public keys have no address')]
  const address = `${url}/auth/jwks.json`
  try {
    const { status, body } = await ask(address)
    const count = status === 200 ? (keySet.safeParse(parseJson(body)).data?.keys.length ?? 0) : 0
    if (count > 0) return [ok('signing', `services find ${count} public keys at ${address}`)]
    return [
      failure(
        'signing',
        `${address} answers ${status} and no keys: services cannot verify what is signed`,
        'let the proxy in front pass /auth/ to the gateway',
      ),
    ]
  } catch (error) {
    return [skipped('signing', `${address} cannot be asked: ${messageOf(error)}`)]
  }
}
