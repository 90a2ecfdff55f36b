// Each OpenID provider: its discovery document, its clock beside ours, and whether it knows the redirect URI.

import { createHash } from 'node:crypto'
import { tryDirectory } from '#identity'
import { randomToken } from '#kernel'
import type { GatewayConfig } from '../../modules.ts'
import { ask, type Reply } from '../probe/ask.ts'
import { messageOf } from '../probe/outcome.ts'
import { readDiscovery } from '../probe/read-discovery.ts'
import { toRegistration } from '../probe/registration.ts'
import { tryFacility } from '../probe/try-facility.ts'
import { tryTokenUrl, tryUserinfoUrl } from '../probe/try-oauth2.ts'
import { tryService } from '../probe/try-service.ts'
import { checkFrontServer } from './check-front-server.ts'
import { checkProfile } from './check-profile.ts'
import { checkSaml } from './check-saml.ts'
import { type Check, type Finding, failure, judgeCertificate, ok, skipped, toFinding, warning } from './finding.ts'

type Oidc = Extract<GatewayConfig['identity'][number], { readonly type: 'oidc' }>
type OAuth2 = Extract<GatewayConfig['identity'][number], { readonly type: 'oauth2' }>
type Ldap = Extract<GatewayConfig['identity'][number], { readonly type: 'ldap' }>
type Document = Readonly<Record<string, unknown>>

export const checkProviders: Check = async ({ loaded, url }) => {
  const found = loaded.config.identity.map(async (provider): Promise<readonly Finding[]> => {
    switch (provider.type) {
      case 'oidc':
        return checkOidc(provider, url)
      case 'oauth2':
        return checkOAuth2(provider, url)
      case 'backend-ai':
        return [toFinding(`manager ${provider.id}`, await tryService({ url: provider.endpoint }))]
      case 'trusted-header':
        return checkFrontServer(provider, url)
      case 'saml':
        return checkSaml(provider)
      case 'facility':
        return [toFinding(`facility ${provider.id}`, await tryFacility(provider))]
      case 'ldap':
        return [await checkDirectory(provider)]
      case 'local':
        return []
    }
  })
  return (await Promise.all(found)).flat()
}

async function checkOAuth2(provider: OAuth2, url: string | undefined): Promise<readonly Finding[]> {
  const { id, authorizationUrl, userinfoUrl } = provider
  const [redirectUri, tokens, person] = await Promise.all([
    // OAuth 2.0 alone has no announced logout.
    checkRedirectUri(provider, { authorizationUrl, url, announces: false }),
    tryTokenUrl(provider),
    tryUserinfoUrl(userinfoUrl),
  ])
  return [redirectUri, toFinding(`client ${id}`, tokens), toFinding(`person ${id}`, person)]
}

async function checkDirectory(provider: Ldap): Promise<Finding> {
  const check = `directory ${provider.id}`
  const trial = await tryDirectory(provider)
  return trial.ok
    ? ok(check, `${trial.server} answers, and people can be looked up`)
    : failure(check, trial.reason, 'compare servers, ca, bind and people.base with the directory')
}

async function checkOidc(provider: Oidc, url: string | undefined): Promise<readonly Finding[]> {
  const check = `discovery ${provider.id}`
  const found = await readDiscovery(provider.issuer)
  if (!('document' in found))
    return [
      failure(check, found.what, found.fix),
      skipped(`redirect URI ${provider.id}`, 'the provider cannot be asked'),
    ]
  const { document, reply } = found
  const faults = [...checkEndpoints(check, provider, document), ...checkAlgorithms(check, provider, document)]
  return [
    ...(faults.length > 0 ? faults : [ok(check, `${provider.issuer} is what it says, and can do what is needed`)]),
    ...(reply.certificateEnds
      ? [judgeCertificate(`certificate ${provider.id}`, reply.certificateEnds, Date.now())]
      : []),
    checkClock(provider, reply),
    ...checkProfile(provider, document),
    await checkRedirectUri(provider, {
      authorizationUrl: String(document.authorization_endpoint),
      url,
      // OpenID Connect Back-Channel Logout 1.0 §2.1.
      announces: document.backchannel_logout_supported === true,
    }),
  ]
}

function checkEndpoints(check: string, provider: Oidc, document: Document): readonly Finding[] {
  return ['authorization_endpoint', 'token_endpoint', 'jwks_uri'].flatMap((name) => {
    const address = document[name]
    if (typeof address !== 'string' || !URL.canParse(address)) {
      return [
        failure(
          check,
          `the discovery document has no ${name}`,
          'ask whoever runs the provider: no login works without',
        ),
      ]
    }
    const isPlain = new URL(address).protocol !== 'https:' && provider.issuer.startsWith('https:')
    return isPlain ? [failure(check, `its ${name} is not https`, 'have the provider announce https addresses')] : []
  })
}

function checkAlgorithms(check: string, { algorithms }: Oidc, document: Document): readonly Finding[] {
  const offered = document.id_token_signing_alg_values_supported
  if (!Array.isArray(offered) || algorithms.some((name) => offered.includes(name))) return []
  const what = `it signs ID tokens with ${offered.join(', ')}; accepted are ${algorithms.join(', ')}`
  return [failure(check, what, 'list one of its algorithms in `algorithms` of the provider')]
}

/** As far apart as this, tokens are refused (the leeway of `identity`). */
const LEEWAY_SECONDS = 60

function checkClock({ id }: Oidc, { headers }: Reply): Finding {
  const check = `clock ${id}`
  const theirs = Date.parse(headers.date ?? '')
  if (Number.isNaN(theirs)) return skipped(check, 'the provider does not say what time it has')
  const apart = Math.round((Date.now() - theirs) / 1000)
  const what = `our clock and that of the provider are ${Math.abs(apart)} s apart`
  const fix = 'keep both on time (NTP): tokens seem to be from the future, or over'
  if (Math.abs(apart) > LEEWAY_SECONDS) return failure(check, what, fix)
  return Math.abs(apart) > LEEWAY_SECONDS / 6 ? warning(check, what, fix) : ok(check, what)
}

interface RedirectQuestion {
  readonly authorizationUrl: string
  /** Where people reach the gateway. */
  readonly url: string | undefined
  /** The provider can tell us of logouts, and so has a place for the address. */
  readonly announces: boolean
}

/** Asks as a browser would at the beginning of a login, and goes no further. */
async function checkRedirectUri(
  provider: Pick<Oidc | OAuth2, 'id' | 'type' | 'clientId' | 'scopes'>,
  { authorizationUrl, url, announces }: RedirectQuestion,
): Promise<Finding> {
  const check = `redirect URI ${provider.id}`
  if (url === undefined) return skipped(check, 'without server.url nobody knows it')
  const { redirectUris, backchannelLogoutUri } = toRegistration(url, provider.id)
  const [redirectUri = ''] = redirectUris
  const question = new URL(authorizationUrl)
  const parameters = {
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: provider.scopes.join(' '),
    state: randomToken(16),
    // OpenID Connect Core §3.1.2.1 alone knows it; servers refuse it to others.
    ...(provider.type === 'oidc' && { nonce: randomToken(16) }),
    code_challenge: createHash('sha256').update(randomToken(32)).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) question.searchParams.set(name, value)
  const logout = announces ? `, back-channel logout URI ${backchannelLogoutUri}` : ''
  const fix = `register at the provider, for the client ${provider.clientId}: redirect URI ${redirectUri}${logout}`
  try {
    const { status, headers } = await ask(question.href, { headers: { accept: 'text/html' } })
    const { location = '' } = headers
    const [, error] = /[?&#]error=([^&#]+)/.exec(location) ?? []
    if (error !== undefined)
      return failure(check, `the provider refuses to begin a login: ${decodeURIComponent(error)}`, fix)
    if (status >= 400)
      return failure(check, `the provider refuses to begin a login with ${redirectUri} (${status})`, fix)
    return ok(check, `the provider begins a login that comes back to ${redirectUri}`)
  } catch (error) {
    return failure(check, `the provider cannot be asked: ${messageOf(error)}`, 'let this machine reach the provider')
  }
}
