// Login at a Backend.AI Manager: its `POST /auth/authorize` checks the password and gives the person's keypair. What the
// Manager answers is believed only if it is exactly a success; everything else is a refusal.

import { z } from 'zod'
import { httpUrl } from '#config'
import { Secret } from '#kernel'
import { createLimitedFetch } from '../limited-fetch.ts'
import { toPrintable } from '../printable.ts'
import {
  type DriverDeps,
  defineDriver,
  type PasswordForm,
  type PasswordProvider,
  type Verification,
} from '../provider.ts'
import { providerAway } from '../provider-away.ts'
import { negotiateVersion, OUR_VERSION } from './backend-ai/api-version.ts'
import { type Authorization, readAuthorization } from './backend-ai/authorization.ts'
import { groupsPrefix, providerId, providerLabel } from './common-config.ts'
import { isSafeUrl } from './safe-url.ts'

const backendAiConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('backend-ai').describe('A Backend.AI Manager; the login yields the person’s keypair.'),
    label: providerLabel,
    endpoint: httpUrl()
      .describe('The Manager’s API.')
      .meta({ examples: ['https://manager.example.org'] }),
    domain: z.string().min(1).default('default').describe('The domain of the Manager in which people log in.'),
    groupsPrefix,
    dangerouslyAllowHttp: z
      .boolean()
      .default(false)
      .describe('Speak http to a Manager that is not on this machine: passwords and keys can then be read on the way.'),
  })
  .refine((config) => config.dangerouslyAllowHttp || isSafeUrl(config.endpoint), {
    path: ['endpoint'],
    error: 'an http Manager is allowed on this machine only: use https, or set dangerouslyAllowHttp',
  })
  .refine((config) => !config.endpoint.includes('?'), { path: ['endpoint'], error: 'an API has no query' })
  .meta({ title: 'Backend.AI Manager' })

export type BackendAiConfig = z.infer<typeof backendAiConfig>

export const backendAiDriver = defineDriver({
  type: 'backend-ai',
  config: backendAiConfig,
  create: createBackendAiProvider,
})

/** Both together stay below the ten seconds that a person may wait. */
const VERSION_TIMEOUT_MS = 2000
const AUTHORIZE_TIMEOUT_MS = 7000
const MAX_ANSWER_BYTES = 65_536
const MAX_USERNAME_LENGTH = 255

function createBackendAiProvider(config: BackendAiConfig, { urlTo }: DriverDeps): PasswordProvider {
  const label = config.label ?? config.id
  const endpoint = config.endpoint.replace(/\/+$/, '')
  const fetchVersion = createLimitedFetch({ timeoutMs: VERSION_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES })
  const fetchAuthorization = createLimitedFetch({ timeoutMs: AUTHORIZE_TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES })

  /** A Manager that does not say its version is asked in ours. */
  const readVersion = async (): Promise<string> => {
    try {
      const response = await fetchVersion(`${endpoint}/`, { method: 'GET', headers: AGENT })
      return response.status === 200 ? negotiateVersion(await response.json()) : OUR_VERSION
    } catch {
      return OUR_VERSION
    }
  }

  const authorize = async (
    username: string,
    { password, otp, clientAddress }: PasswordForm,
  ): Promise<Authorization> => {
    // Known only once the gateway listens, where the configuration does not say.
    const ownUrl = new URL(urlTo('/'))
    const response = await fetchAuthorization(`${endpoint}/auth/authorize`, {
      method: 'POST',
      headers: {
        ...AGENT,
        'content-type': 'application/json',
        'x-backendai-domain': config.domain,
        'x-backendai-version': await readVersion(),
        'x-forwarded-host': ownUrl.host,
        'x-forwarded-proto': ownUrl.protocol.slice(0, -1),
        'x-forwarded-for': clientAddress,
      },
      // Field by field: nothing from the form can set the domain or the type.
      body: JSON.stringify({
        type: 'keypair',
        domain: config.domain,
        username,
        password,
        ...(otp !== undefined && { otp }),
      }),
    })
    return readAuthorization(response)
  }

  const ask = (username: string, form: PasswordForm): Promise<Authorization> =>
    authorize(username, form).catch((error: unknown) => ({
      kind: 'fault' as const,
      reason: error instanceof Error ? error.message : 'unknown',
    }))

  return Object.freeze({
    kind: 'password',
    id: config.id,
    type: 'backend-ai',
    label,
    yieldsCredential: true,

    async verify(form): Promise<Verification> {
      const username = form.username.trim()
      // What we would have to alter before showing it is nobody's name.
      if (username === '' || toPrintable(username, MAX_USERNAME_LENGTH) !== username) {
        return { kind: 'refused', reason: 'credentials' }
      }
      const answer = await ask(username, form)
      switch (answer.kind) {
        case 'fault':
          throw providerAway({ label, reason: answer.reason })
        case 'otp-required':
          // Asked although a code was sent: it was not accepted.
          return form.otp === undefined ? answer : { kind: 'refused', reason: 'otp' }
        case 'refused':
          return answer
        case 'success':
          return { kind: 'proven', proof: toProof(config, username, answer) }
      }
    },
  } satisfies PasswordProvider)
}

const AGENT = { 'user-agent': 'Gatehouse', accept: 'application/json' }

/** The Manager's answer names nobody, so the person is whom it was asked about: the name that it has just verified. */
const toProof = (config: BackendAiConfig, username: string, answer: Extract<Authorization, { kind: 'success' }>) => ({
  identity: {
    provider: config.id,
    issuer: config.endpoint,
    subject: username,
    username,
    displayName: username,
    groups: [config.groupsPrefix + answer.role],
  },
  credential: {
    kind: 'keypair' as const,
    accessKey: answer.accessKey,
    secretKey: new Secret(answer.secretKey),
    role: answer.role,
    status: answer.status,
  },
})
