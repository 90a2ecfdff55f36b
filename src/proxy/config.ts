// The `upstreams` part of the configuration: which services are behind the door, where, for whom, and how requests to
// them are signed. Checked as a whole, so that no two upstreams and none of our own paths get in each other's way.

import { z } from 'zod'
import { allowSchema, policyRulesSchema } from '#access'
import { rate } from '#config'
import { mountPath } from '#http'
import { checkService, serviceShape } from './service-config.ts'
import { type SignerConfig, signerConfig } from './signers/drivers.ts'
import { findTrustFaults } from './trust.ts'

const pathSchema = mountPath()
  .describe('The prefix, below the base path, of everything that goes to this upstream. The longest prefix wins.')
  .meta({ examples: ['/api/manager/'] })

const ratesSchema = z
  .strictObject({
    address: rate(false).describe('From one address. All addresses of an IPv6 /64 count as one.'),
    user: rate(false).describe('From one person, in all their sessions.'),
  })
  .meta({ title: 'Rates' })

const upstreamSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, { error: 'an id is made of small letters, digits and hyphens' })
      .optional()
      .describe('Names it in logs, metrics and messages; made from the path if absent.')
      .meta({ examples: ['manager'] }),
    path: pathSchema,
    host: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The name of a host of `server.hosts`: then `path` is there, without the base path, and nothing of it is at the portal.',
      )
      .meta({ examples: ['notebooks.example.org'] }),
    trust: z
      .enum(['portal', 'none'])
      .default('portal')
      .describe(
        'Whether the pages of this upstream may be believed as the portal’s own are. `none`: it has a `host` to itself, and is sent no credential of the person.',
      ),
    ...serviceShape,
    title: z.string().min(1).optional().describe('Shows it on the home page under this name.'),
    description: z.string().min(1).optional().describe('One sentence for the home page.'),
    sign: signerConfig.prefault({ type: 'none' }).describe('How the service learns whose request it is.'),
    allow: allowSchema.optional().describe('Who may use it. Nobody, if neither this nor `rules` is given.'),
    rules: policyRulesSchema.optional().describe('Instead of `allow`: who may do what.'),
    forwardAuthorization: z
      .boolean()
      .default(false)
      .describe('Passes the client’s own Authorization header on, for services that check it themselves.'),
    rates: ratesSchema.prefault({}).describe('How often somebody may ask here, beside `server.limits.rates`.'),
  })
  .superRefine(checkService)
  .refine(({ allow, rules }) => allow === undefined || rules === undefined, {
    error: 'give either allow or rules: the first rule that matches decides, and allow would be one more',
    path: ['allow'],
    params: { fix: 'write the allow as the last of the rules, or remove the rules' },
  })
  .superRefine((upstream, check) => {
    for (const { key, message, fix } of findTrustFaults(upstream)) {
      check.addIssue({ code: 'custom', message, path: [key], params: { fix } })
    }
  })
  .refine(({ forwardAuthorization, sign }) => !forwardAuthorization || !signsAuthorization(sign), {
    error: 'the signer sends an Authorization of its own; only one of the two can go out',
    path: ['forwardAuthorization'],
    params: { fix: 'remove forwardAuthorization, or choose another way to sign' },
  })
  .meta({ title: 'Upstream' })

export const upstreamsConfig = z
  .array(upstreamSchema)
  .superRefine((upstreams, check) => {
    for (const [index, clash] of findClashes(upstreams)) {
      const { key, message, fix } = clash
      check.addIssue({ code: 'custom', message, path: [index, key], params: { fix } })
    }
  })
  .meta({ title: 'Upstreams', description: 'The services behind the gateway, each under a path of its own.' })

export type UpstreamConfig = z.output<typeof upstreamSchema>

/** The id as configured, or one made from host and path: `/api/manager/` is `api-manager`, `/` is `root`. */
export const upstreamId = ({ id, host = '', path }: Pick<UpstreamConfig, 'id' | 'host' | 'path'>): string =>
  id ??
  (`${host}${path}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64) ||
    'root')

interface Clash {
  readonly key: 'id' | 'path'
  readonly message: string
  readonly fix: string
}

/** The same path twice, even in other letter case, or the same id twice. A path below another is fine. */
function findClashes(upstreams: readonly UpstreamConfig[]): readonly (readonly [index: number, clash: Clash])[] {
  const paths = new Map<string, string>()
  const ids = new Set<string>()
  return upstreams.flatMap((upstream, index) => {
    const path = `${upstream.host ?? ''}${upstream.path.toLowerCase()}`
    const id = upstreamId(upstream)
    const rival = paths.get(path)
    const clash = rival === undefined ? ids.has(id) && idClash(id) : pathClash(rival)
    paths.set(path, `${upstream.host ?? ''}${upstream.path}`)
    ids.add(id)
    return clash ? [[index, clash] as const] : []
  })
}

const pathClash = (path: string): Clash => ({
  key: 'path',
  message: `another upstream has the path ${path}`,
  fix: 'give one of the two another path, or remove it',
})

const idClash = (id: string): Clash => ({
  key: 'id',
  message: `another upstream has the id ${id}`,
  fix: 'give one of the two an id of its own',
})

const signsAuthorization = (sign: SignerConfig): boolean => {
  switch (sign.type) {
    case 'none':
      return false
    case 'identity-jwt':
      return sign.header.toLowerCase() === 'authorization'
    case 'header':
      return Object.keys(sign.headers).some((name) => name.toLowerCase() === 'authorization')
    case 'backend-ai':
      return sign.mode !== 'anonymous'
    case 'basic':
    case 'bearer':
      return true
  }
}
